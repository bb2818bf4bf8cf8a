#!/usr/bin/env python3
"""scikit-learn's BernoulliRBM, which learns by PCD-1 with as many chains as a batch has rows.

What is timed is what fit() does for each batch, without its checks of the input. Threads are those of its BLAS
(OMP_NUM_THREADS).
"""
import peer

np = peer.require("numpy")
sklearn = peer.require("sklearn")
neural_network = peer.require("sklearn.neural_network")


class Training:
    def __init__(self, options):
        rows, columns, images = peer.read_images(options.images)
        self.rows = (np.frombuffer(images, np.uint8).reshape(rows, columns) > 127).astype(np.float32)
        self.batches = peer.batches(self.rows, options.batch)
        self.random = np.random.RandomState(1)
        self.model = neural_network.BernoulliRBM(n_components=options.hidden, learning_rate=options.rate,
                                                 batch_size=options.batch, n_iter=1, random_state=self.random)
        self.model.fit(next(self.batches))  # makes the arrays, in single precision

    def update(self):
        self.model._fit(next(self.batches), self.random)

    def state(self):
        v = self.rows[: peer.STATE_ROWS]
        p = self.model.transform(v)
        reconstruction = 1 / (1 + np.exp(-(p @ self.model.components_ + self.model.intercept_visible_)))
        return p.mean(), np.abs(v - reconstruction).mean()


def main():
    options = peer.parse_options(__doc__)
    if not options.persistent or options.products:
        raise SystemExit("BernoulliRBM is for --task pcd1 without --products")
    peer.serve("scikit-learn " + sklearn.__version__, lambda: Training(options))


main()
