"""What the Python workers share: options, data, and the conversation with compare.py.

A worker prints `ready VERSION; BLAS` (or `absent PACKAGE`) and then answers lines until its input ends:
`run N`   makes N updates and answers their seconds,
`state`   answers the mean of the hidden units and the mean absolute error of a reconstruction.
"""
import argparse
import ctypes
import gzip
import importlib
import re
import struct
import sys
import time

STATE_ROWS = 1000
SWEEPS = {"cd1": 1, "pcd1": 1, "cd10": 10}
LEARNING_RATE = {"cd1": 0.05, "pcd1": 0.01, "cd10": 0.05}


def parse_options(description):
    """The command line that compare.py gives to every worker, ebm_peer included."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--task", choices=SWEEPS, default="cd1")
    parser.add_argument("--products", action="store_true", help="only the matrix products of an update")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--hidden", type=int, default=500)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--images", required=True, help="IDX file of the training images")
    options = parser.parse_args()
    options.sweeps = SWEEPS[options.task]
    options.persistent = options.task == "pcd1"
    options.rate = LEARNING_RATE[options.task]
    return options


def require(package):
    """The package, or the end of this worker when it is not installed."""
    try:
        return importlib.import_module(package)
    except ImportError:
        print("absent", package, flush=True)
        sys.exit()


def read_images(path):
    """(rows, columns, bytes) of an IDX file of images, gzipped or not."""
    with open(path, "rb") as file:
        content = file.read()
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    _, rows, height, width = struct.unpack(">IIII", content[:16])
    return rows, height * width, bytearray(content[16:])


def blas_name():
    """Version and core type of the OpenBLAS in this process, as in "OpenBLAS 0.3.21 SkylakeX"."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        found = re.search(r"/\S*libopenblas\S*\.so\S*", maps.read())
    if not found:
        return "no OpenBLAS"
    library = ctypes.CDLL(found[0])
    try:
        config, core = library.openblas_get_config, library.openblas_get_corename
    except AttributeError:  # built with other names
        return found[0].rsplit("/", 1)[-1]
    config.restype = core.restype = ctypes.c_char_p
    return " ".join(config().decode().split()[:2] + [core().decode()])


def batches(rows, batch):
    """The batches of `rows` without end, in order; rows that do not fill a batch are left out."""
    while True:
        for first in range(0, len(rows) - batch + 1, batch):
            yield rows[first : first + batch]


class Contrastive:
    """An update of CD-k or PCD-k, the same for all peers that write their own.

    They hold options, batches, v, p0, p (the hidden means of data and chains), and say how to compute hidden_means(v, p),
    draw_hidden(p), draw_visible() and learn(v0, rate).
    """

    def update(self):
        v0 = next(self.batches)
        self.hidden_means(v0, self.p0)
        if not self.options.persistent:
            self.draw_hidden(self.p0)
        for sweep in range(self.options.sweeps):
            if sweep > 0:
                self.draw_hidden(self.p)
            self.draw_visible()
            self.hidden_means(self.v, self.p)
        if self.options.persistent:
            self.draw_hidden(self.p)
        self.learn(v0, self.options.rate / self.options.batch)


def serve(version, make_work):
    """Answers compare.py. `make_work()` gives an object with update() and state()."""
    print(f"ready {version}; {blas_name()}", flush=True)
    work = make_work()
    for line in sys.stdin:
        command, *count = line.split()
        print(timed(work, int(count[0])) if command == "run" else "%.6f %.6f" % work.state(), flush=True)


def timed(work, updates):
    """Seconds of so many updates."""
    start = time.perf_counter()
    for _ in range(updates):
        work.update()
    return time.perf_counter() - start
