"""Worker processes as compare.py sees them; peer.py says how the two talk."""
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCRIPTS = {"torch": "torch_rbm.py", "numpy": "numpy_rbm.py", "sklearn": "sklearn_rbm.py"}
PEERS = ("ebm", *SCRIPTS)
WITH_PRODUCTS = ("ebm", "torch")  # peers that can do the matrix products alone


class Absent(Exception):
    """A peer is not installed; the message says what is missing."""


class Worker:
    """A process that makes updates on request, and sleeps otherwise."""

    def __init__(self, peer, method, options, products=False):
        self.name = peer + (" products" if products else "")
        arguments = ["--task", method, "--threads", options.threads, "--hidden", options.hidden,
                     "--batch", options.batch, "--images", options.images] + ["--products"] * products
        self.process = subprocess.Popen([*program_of(peer, options), *map(str, arguments)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(options.threads))
        word, _, rest = self.answer().partition(" ")
        if word == "absent":
            self.stop()
            raise Absent(f"{options.python} has no module {rest}")
        self.version, self.blas = rest.split("; ")

    def answer(self):
        line = self.process.stdout.readline().strip()
        if not line:
            raise RuntimeError(f"the worker '{self.name}' ended without an answer")
        return line

    def ask(self, line):
        print(line, file=self.process.stdin, flush=True)
        return [float(word) for word in self.answer().split()]

    def run(self, updates):
        """Makes the updates and gives their seconds."""
        return self.ask(f"run {updates}")[0]

    def state(self):
        """(mean of the hidden units, error of a reconstruction); NaN for products."""
        return self.ask("state")

    def stop(self):
        self.process.terminate()
        self.process.communicate()


def program_of(peer, options):
    if peer == "ebm":
        return [options.build / "ebm_peer"]
    return [options.python, HERE / SCRIPTS[peer]]


def environment(threads):
    """Every library that a peer may bring gets the same number of threads."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return {**os.environ, **{name: str(threads) for name in names}}


@contextmanager
def started(kinds, method, options):
    """Workers of these (peer, products) pairs, by name; all end with the block."""
    workers = []
    try:
        for peer, products in kinds:
            workers.append(Worker(peer, method, options, products))
        yield {worker.name: worker for worker in workers}
    finally:
        for worker in workers:
            worker.stop()


@contextmanager
def foreign_process():
    """A busy process of another program on the same cores; it ends with the block, or with this program."""
    loop = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: pass"
    process = subprocess.Popen([sys.executable, "-c", loop])
    try:
        yield
    finally:
        process.kill()
        process.wait()
