#!/usr/bin/env python3
"""The RBM of compare.py in PyTorch, as fast as PyTorch can reasonably be on a CPU.

No autograd, every buffer allocated once, in-place operations, uniform_ and lt instead of the slower bernoulli.
With --products only the matrix products of an update: what remains is PyTorch's own overhead.
"""
import os

import peer


def use_widest_kernels():
    """PyTorch 1.13 takes its AVX2 kernels unless it is told otherwise before it is loaded."""
    with open("/proc/cpuinfo", encoding="utf-8") as cpuinfo:
        if "avx512f" in cpuinfo.read():
            os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx512")


use_widest_kernels()
torch = peer.require("torch")


class Training(peer.Contrastive):
    """W [visible, hidden], b and c the biases of visible and hidden; v0, p0 data and v, p chains with hidden means."""

    def __init__(self, options):
        rows, columns, images = peer.read_images(options.images)
        self.rows = (torch.frombuffer(images, dtype=torch.uint8).view(rows, columns) > 127).float()
        self.batches = peer.batches(self.rows, options.batch)
        self.options = options
        self.W = torch.randn(columns, options.hidden) * 0.01
        self.b, self.c = torch.zeros(columns), torch.zeros(options.hidden)
        self.v, self.visible_noise = torch.empty(options.batch, columns), torch.empty(options.batch, columns)
        self.p0, self.p, self.h, self.hidden_noise = torch.empty(4, options.batch, options.hidden)
        # Persistent chains start at data.
        self.hidden_means(self.rows[: options.batch], self.p)
        self.draw_hidden(self.p)

    def hidden_means(self, v, p):
        torch.addmm(self.c, v, self.W, out=p).sigmoid_()

    def draw_hidden(self, p):
        torch.lt(self.hidden_noise.uniform_(), p, out=self.h)

    def draw_visible(self):
        torch.addmm(self.b, self.h, self.W.t(), out=self.v).sigmoid_()
        torch.lt(self.visible_noise.uniform_(), self.v, out=self.v)

    def learn(self, v0, rate):
        self.W.addmm_(v0.t(), self.p0, alpha=rate).addmm_(self.v.t(), self.p, alpha=-rate)
        self.b.add_(v0.sum(0).sub_(self.v.sum(0)), alpha=rate)
        self.c.add_(self.p0.sum(0).sub_(self.p.sum(0)), alpha=rate)

    def state(self):
        v = self.rows[: peer.STATE_ROWS]
        p = torch.addmm(self.c, v, self.W).sigmoid_()
        reconstruction = torch.addmm(self.b, p, self.W.t()).sigmoid_()
        return p.mean().item(), (v - reconstruction).abs().mean().item()


class Products:
    """1 + k products v W, k products h Wᵀ and two products vᵀ h."""

    def __init__(self, options):
        _, columns, _ = peer.read_images(options.images)
        self.sweeps = options.sweeps
        self.W, self.gradient = torch.rand(columns, options.hidden), torch.empty(columns, options.hidden)
        self.v, self.to_v = torch.rand(2, options.batch, columns)
        self.h, self.to_h = torch.rand(2, options.batch, options.hidden)

    def update(self):
        torch.mm(self.v, self.W, out=self.to_h)
        for _ in range(self.sweeps):
            torch.mm(self.h, self.W.t(), out=self.to_v)
            torch.mm(self.v, self.W, out=self.to_h)
        for _ in range(2):
            torch.mm(self.v.t(), self.h, out=self.gradient)

    def state(self):
        return float("nan"), float("nan")


def main():
    options = peer.parse_options(__doc__)
    torch.set_grad_enabled(False)
    torch.manual_seed(1)
    torch.set_num_threads(options.threads)
    work = Products if options.products else Training
    peer.serve("PyTorch " + torch.__version__, lambda: work(options))


main()
