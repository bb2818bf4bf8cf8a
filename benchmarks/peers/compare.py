#!/usr/bin/env python3
"""ebm beside PyTorch, NumPy and scikit-learn: the same learning of an RBM in one interleaved run.

All workers of a task are started, warmed up and then measured in turn, round by round, on the same cores: figures of
different runs differ by more than the peers do. README.md says what is measured. Tasks:
  cd1, pcd1, cd10   seconds an epoch of each worker, and how many times ebm's that is
  trials            two trials at once with `ebm run -j 2` against one alone with -j 1 (needs two threads)
  foreign           an epoch beside a busy foreign process against one without
"""
import argparse
import gzip
import json
import os
import random
import re
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import workers
from workers import HERE, PEERS, WITH_PRODUCTS

ROOT = HERE.parents[1]
METHODS = ("cd1", "pcd1", "cd10")
ROUND = {"cd1": 1, "pcd1": 1, "cd10": 1 / 6, "foreign": 1 / 2}  # epochs a round
WARM_UP = 2  # epochs before anything is measured, so that units are as active as in training
QUICK_UPDATES = 20
COUNTS_UP_TO = 1.5  # PyTorch over its own products: above this, PyTorch is not at its best and no measure
DISTURBED_FROM = 0.03  # share of the cores' time that other processes took
PACKAGES = "apt-get install python3-torch python3-numpy python3-sklearn"


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", choices=(*METHODS, "trials", "foreign", "all"), default="all")
    parser.add_argument("--threads", type=int, choices=(1, 2), default=1, help="threads and cores of every worker")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--hidden", type=int, default=500)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--peers", default=",".join(PEERS), help="some of %(default)s; ebm always takes part")
    parser.add_argument("--quick", action="store_true", help=f"2 rounds of {QUICK_UPDATES} updates: does it work?")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every measured value there")
    parser.add_argument("--build", type=Path, default=ROOT / "build/release", help="folder with ebm and ebm_peer")
    parser.add_argument("--python", default="/usr/bin/python3", help="the Python that has the peers' packages")
    options = parser.parse_args()
    unknown = set(options.peers.split(",")) - set(PEERS)
    if unknown:
        parser.error(f"--peers: {', '.join(sorted(unknown))} is none of {', '.join(PEERS)}")
    options.peers = [peer for peer in PEERS if peer == "ebm" or peer in options.peers.split(",")]
    options.rounds = 2 if options.quick else options.rounds
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    return options


# The data.


def find_images(folder):
    """Path of the training images, and words for them; random rows where MNIST is absent."""
    mnist = Path(os.environ.get("EBM_DATA_DIR") or ROOT / "../shared/data") / "mnist"
    for name in ("train-images-idx3-ubyte", "train-images-idx3-ubyte.gz"):
        if (mnist / name).exists():
            return (mnist / name).resolve(), "MNIST, pixels above 127"
    path = folder / "random-images-idx3-ubyte"
    write_random_images(path)
    return path, f"random rows with 19 % ones (no MNIST in {mnist})"


def write_random_images(path):
    rows = 60000
    ones = round(0.19 * 256)
    bits = bytes(255 if value < ones else 0 for value in range(256))
    pixels = random.Random(1).randbytes(rows * 28 * 28).translate(bits)
    path.write_bytes(struct.pack(">IIII", 0x00000803, rows, 28, 28) + pixels)


def count_rows(path):
    with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
        return struct.unpack(">II", file.read(8))[1]


# The machine and the peers.


def cpu_model():
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1] if found else "unknown"


def pin(threads):
    """Keeps this process and its workers on the last of the cores that it may use."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < threads:
        sys.exit(f"compare.py: --threads {threads} needs {threads} cores, and this process may use {len(allowed)}")
    os.sched_setaffinity(0, allowed[-threads:])
    return allowed[-threads:]


def find_peers(options):
    """{peer: (version, BLAS)} of those that work here; says which do not."""
    found = {}  # asked with pcd1, as that is what all of them can do
    for peer in options.peers:
        try:
            with workers.started([(peer, False)], "pcd1", options) as worker:
                found[peer] = worker[peer].version, worker[peer].blas
        except (workers.Absent, OSError) as error:
            if peer == "ebm":
                sys.exit(f"compare.py: {error}\nBuild it: cmake --build --preset release --target ebm_peer ebm_program")
            print(f"{peer} is skipped: {error} (on Debian: {PACKAGES})")
    return found


def print_head(cores, found, data):
    print(f"CPU      {cpu_model()}, core{'s' * (len(cores) > 1)} {', '.join(map(str, cores))}")
    for peer, (version, blas) in found.items():
        print(f"{peer:8} {version}, {blas}")
    print(f"data     {data}")
    forced = [name for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE") if name in os.environ]
    if forced:
        values = ", ".join(f"{name}={os.environ[name]}" for name in forced)
        print(f"WARNING  {values} in the environment: OpenBLAS takes other kernels or block sizes than\n"
              "         this processor's own, and all matrix products may take twice as long, above all those of the\n"
              f"         peers. The figures below say little. Measure after: unset {' '.join(forced)}")


# Measuring.


def busy_seconds(cores):
    """Seconds that anybody, its host included, has kept these cores busy since the machine started."""
    rows = [line.split() for line in Path("/proc/stat").read_text(encoding="utf-8").splitlines()]
    ticks = {row[0]: list(map(int, row[1:9])) for row in rows if row[0].startswith("cpu")}
    # user, nice, system, idle, iowait, irq, softirq, steal
    return sum(sum(ticks[f"cpu{core}"]) - sum(ticks[f"cpu{core}"][3:5]) for core in cores) / os.sysconf("SC_CLK_TCK")


def own_seconds():
    """Processor seconds of this process and of its children that have ended."""
    return sum(os.times()[:4])


def share_of_others(cores, task):
    """The task's result, and what share of the cores' time other processes took meanwhile."""
    start, busy, own = time.monotonic(), busy_seconds(cores), own_seconds()
    result = task()
    others = busy_seconds(cores) - busy - (own_seconds() - own)
    return result, max(0.0, others / (len(cores) * (time.monotonic() - start)))


def take_turns(jobs, rounds):
    """{name: [result of each round]} of the jobs {name: function}; another one begins each round."""
    names, results = list(jobs), {name: [] for name in jobs}
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            results[name].append(jobs[name]())
    return results


def ratios(above, below):
    """Of the rounds: (median, smallest, largest)."""
    values = [a / b for a, b in zip(above, below)]
    return statistics.median(values), min(values), max(values)


def updates_of(options, task):
    """Updates (a round, of the warm-up)."""
    if options.quick:
        return QUICK_UPDATES, QUICK_UPDATES
    return max(1, round(options.epoch * ROUND[task])), WARM_UP * options.epoch


def warm_up(team, updates, updates_of_products):
    for name, worker in team.items():
        worker.run(updates_of_products if name.endswith("products") else updates)


def measure_method(options, method):
    """Seconds an epoch of every worker, and the state that it has reached."""
    kinds = [(peer, False) for peer in options.found if peer != "sklearn" or method == "pcd1"]
    kinds += [(peer, True) for peer in options.found if peer in WITH_PRODUCTS]
    updates, before = updates_of(options, method)
    with workers.started(kinds, method, options) as team:
        warm_up(team, before, updates)
        epoch = options.epoch / updates
        seconds = take_turns({name: lambda w=w: w.run(updates) * epoch for name, w in team.items()}, options.rounds)
        states = {name: w.state() for name, w in team.items()}
    print_method(options, method, updates, seconds, states)
    return {"seconds_an_epoch": seconds,
            "hidden_mean_and_error": {name: state for name, state in states.items() if not name.endswith("products")}}


def print_method(options, method, updates, seconds, states):
    print(f"\n{method}, 784x{options.hidden}, batch {options.batch}, {options.threads} thread(s), "
          f"{options.rounds} rounds of {updates} updates")
    print(f"{'worker':16}{'s/epoch':>9}{'min - max':>18}{'times ebm':>11}{'min - max':>16}{'hidden':>9}{'error':>9}")
    for name, values in sorted(seconds.items(), key=lambda item: statistics.median(item[1])):
        middle, low, high = ratios(values, seconds["ebm"])
        state = "" if name.endswith("products") else "".join(f"{value:9.3f}" for value in states[name])
        print(f"{name:16}{statistics.median(values):9.3f}{min(values):9.3f} -{max(values):7.3f}"
              f"{middle:11.2f}{low:8.2f} -{high:6.2f}{state}")
    if "torch" in seconds:
        print_check(*ratios(seconds["torch"], seconds["torch products"]))


def print_check(middle, low, high):
    verdict = "does" if 1 <= middle <= COUNTS_UP_TO else "does NOT"  # below 1, the products were disturbed
    print(f"check: PyTorch takes {middle:.2f} ({low:.2f} - {high:.2f}) times its own products; the comparison counts "
          f"from 1 to {COUNTS_UP_TO}: here it {verdict}")


def measure_foreign(options):
    """Seconds an epoch with a busy foreign process on the same cores, and without."""
    result = {}
    updates, before = updates_of(options, "foreign")
    fair = (options.threads + 1) / options.threads
    print(f"\nforeign: cd1 beside a busy process on the same {options.threads} core(s), {options.rounds} rounds of "
          f"{updates} updates; a fair share is {fair:g} at most")
    print(f"{'worker':16}{'alone':>9}{'beside':>9}{'ratio':>11}{'min - max':>16}")
    for peer in [peer for peer in options.found if peer in ("ebm", "torch")]:
        with workers.started([(peer, False)], "cd1", options) as team:
            warm_up(team, before, updates)
            seconds = take_turns(alone_and_beside(team[peer], updates, options.epoch / updates), options.rounds)
        result[peer] = seconds
        print_pair(peer, seconds["alone"], seconds["beside"])
    return result


def alone_and_beside(worker, updates, epoch):
    def beside():
        with workers.foreign_process():
            time.sleep(0.2)  # until it is busy
            return worker.run(updates) * epoch

    return {"alone": lambda: worker.run(updates) * epoch, "beside": beside}


def print_pair(name, before, after):
    middle, low, high = ratios(after, before)
    medians = f"{statistics.median(before):9.3f}{statistics.median(after):9.3f}"
    print(f"{name:16}{medians}{middle:11.2f}{low:8.2f} -{high:6.2f}")


def measure_trials(options):
    """Learning time of a trial: one alone on one of the threads, and two at once."""
    updates = updates_of(options, "cd1")[0]
    seconds = take_turns({"alone": lambda: trial_seconds(options, 1, updates),
                          "two": lambda: trial_seconds(options, 2, updates)}, options.rounds)
    print(f"\ntrials: train_s of {updates} updates of cd1, one trial with -j 1 and two at once with -j 2, "
          f"{options.rounds} rounds; 1 is ideal")
    print(f"{'program':16}{'one':>9}{'two':>9}{'ratio':>11}{'min - max':>16}")
    print_pair("ebm run", seconds["alone"], seconds["two"])
    return seconds


def trial_seconds(options, trials, updates):
    """The mean of train_s over trials that run at once, a core each."""
    with tempfile.TemporaryDirectory() as run:
        file = Path(run) / "experiment.yaml"
        file.write_text(experiment(options, run, trials, updates), encoding="utf-8")
        subprocess.run([options.build / "ebm", "run", file, "--quiet", "-j", str(trials)], check=True,
                       stdout=subprocess.DEVNULL)
        tables = list(Path(run).glob("*/trials/*/timing.csv"))
        assert len(tables) == trials, f"{len(tables)} trials instead of {trials}"
        return statistics.mean(map(train_seconds, tables))


def train_seconds(table):
    """The learning time at the end of a timing.csv (update, train_s, wall_s)."""
    return float(table.read_text(encoding="utf-8").split()[-1].split(",")[1])


def experiment(options, run, trials, updates):
    """YAML of the task cd1 for `ebm run`."""
    return f"""ebm: 1
name: trials
data: {{type: idx, path: "{options.images}", binarize: {{threshold: 127}}}}
model: {{type: rbm, hidden: {options.hidden}}}
sampler: {{type: gibbs, sweeps: 1}}
trainer: {{method: cd, updates: {updates}, batch: {options.batch}, optimizer: {{type: sgd, lr: 0.05}}}}
evaluation: {{metrics: [reconstruction_error]}}
output: {{dir: "{run}"}}
seeds: {trials}
"""


def measure(options, task):
    """The values of a task; says when other processes disturbed it."""
    special = {"trials": measure_trials, "foreign": measure_foreign}
    run = special.get(task, lambda options: measure_method(options, task))
    result, others = share_of_others(options.cores, lambda: run(options))
    if others > DISTURBED_FROM:
        print(f"WARNING: other processes took {others:.0%} of these cores' time: the figures above are disturbed")
    return {**result, "share_of_other_processes": others}


def tasks_of(options):
    two = ("trials", "foreign") if options.threads == 2 else ()
    if options.task == "trials" and not two:
        sys.exit("compare.py: two trials at once need --threads 2")
    return (*METHODS, *two) if options.task == "all" else (options.task,)


def main():
    sys.stdout.reconfigure(line_buffering=True)
    options = parse_options()
    tasks, options.cores = tasks_of(options), pin(options.threads)
    with tempfile.TemporaryDirectory() as folder:
        options.images, data = find_images(Path(folder))
        options.epoch = count_rows(options.images) // options.batch
        options.found = find_peers(options)
        print_head(options.cores, options.found, data)
        results = {task: measure(options, task) for task in tasks}
    if options.json:
        head = {"cpu": cpu_model(), "cores": options.cores, "threads": options.threads, "data": data,
                "peers": options.found, "hidden": options.hidden, "batch": options.batch,
                "updates_an_epoch": options.epoch}
        options.json.write_text(json.dumps({**head, "tasks": results}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
