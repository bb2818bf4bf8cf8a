#!/usr/bin/env python3
"""The RBM of compare.py in NumPy: single precision, buffers allocated once, SFC64 uniforms.

Threads are those of its BLAS (OMP_NUM_THREADS).
"""
import peer

np = peer.require("numpy")


def sigmoid(x):
    """1 / (1 + exp(-x)), in place."""
    np.negative(x, out=x)
    np.exp(x, out=x)
    x += 1
    np.reciprocal(x, out=x)


class Training(peer.Contrastive):
    """W [visible, hidden]; both phases stand in one array each, so that the gradient is one product.

    v [2 batch, visible]: data, then chains. p [2 batch, hidden]: their hidden means.
    """

    def __init__(self, options):
        rows, columns, images = peer.read_images(options.images)
        self.rows = (np.frombuffer(images, np.uint8).reshape(rows, columns) > 127).astype(np.float32)
        self.batches = peer.batches(self.rows, options.batch)
        self.options = options
        self.random = np.random.Generator(np.random.SFC64(1))
        self.W = self.random.normal(0, 0.01, (columns, options.hidden)).astype(np.float32)
        self.b, self.c = np.zeros(columns, np.float32), np.zeros(options.hidden, np.float32)
        n = options.batch
        v, p = np.empty((2 * n, columns), np.float32), np.empty((2 * n, options.hidden), np.float32)
        self.both_v, self.v0, self.v = v, v[:n], v[n:]
        self.both_p, self.p0, self.p = p, p[:n], p[n:]
        self.h, self.hidden_noise, self.visible_noise = self.p.copy(), self.p.copy(), self.v.copy()
        self.gradient = np.empty_like(self.W)
        # Persistent chains start at data.
        self.hidden_means(self.rows[:n], self.p)
        self.draw_hidden(self.p)

    def hidden_means(self, v, p):
        np.dot(v, self.W, out=p)
        p += self.c
        sigmoid(p)

    def draw_hidden(self, p):
        self.random.random(dtype=np.float32, out=self.hidden_noise)
        np.less(self.hidden_noise, p, out=self.h)

    def draw_visible(self):
        np.dot(self.h, self.W.T, out=self.v)
        self.v += self.b
        sigmoid(self.v)
        self.random.random(dtype=np.float32, out=self.visible_noise)
        np.less(self.visible_noise, self.v, out=self.v)

    def learn(self, v0, rate):
        rate = np.float32(rate)
        self.v0[:] = v0
        self.p0 *= rate
        self.p *= -rate
        np.dot(self.both_v.T, self.both_p, out=self.gradient)
        self.W += self.gradient
        self.b += rate * (self.v0.sum(0) - self.v.sum(0))
        self.c += self.both_p.sum(0)

    def state(self):
        v = self.rows[: peer.STATE_ROWS]
        p = np.dot(v, self.W) + self.c
        sigmoid(p)
        reconstruction = np.dot(p, self.W.T) + self.b
        sigmoid(reconstruction)
        return p.mean(), np.abs(v - reconstruction).mean()


def main():
    options = peer.parse_options(__doc__)
    peer.serve("NumPy " + np.__version__, lambda: Training(options))


main()
