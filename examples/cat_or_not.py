"""Cat or not a cat, from 32×32 colour photographs: a logistic unit, and a net of two layers.

Needs cifar10_subset.npz, with 2,000 training and 1,000 test images of CIFAR-10, in the folder
cifar10_subset of the one named by GRAPHGRAD_DATA. The task is balanced: all cats against as many
other images, drawn anew by each seed, so a coin is right on 50 %. Printed is the share that is
right after the last epoch, of the 390 images learned from and of the 206 test images; these are so
few that the second has a standard error of 3. Pixels in a row say little about cats: expect 60 to
70 %. Takes a few seconds; the results are in docs/results.md.
"""

from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

import autograd
import nn
import viz
from autograd import random
from nn.data import CIFAR10Subset

OUT = Path("out")
SEEDS, EPOCHS, BATCH = (0, 1, 2), 30, 32
WIDTH, RATE, DECAY = 64, 1e-3, 0.1
CAT = CIFAR10Subset.classes.index("cat")

Images = tuple[Any, Any]


def balanced(images: Any, labels: Any) -> Images:
    """All cats and as many other images, drawn at random: (N, P), and (N, 1) with 1 for a cat."""
    is_cat = labels == CAT
    others = np.flatnonzero(~is_cat)[random.permutation(int((~is_cat).sum()))[: is_cat.sum()]]
    chosen = np.concatenate([np.flatnonzero(is_cat), others])
    return images[chosen], is_cat[chosen, None].astype("int64")


def net(pixels: int, hidden: int) -> nn.Sequential:
    """A logistic unit's scores where hidden is 0; else those of a net with so many hidden units."""
    if not hidden:
        return nn.Sequential(nn.Linear(pixels, 1))
    return nn.Sequential(
        nn.Dropout(0.2), nn.Linear(pixels, hidden), nn.ReLU(), nn.Dropout(0.5), nn.Linear(hidden, 1)
    )


def accuracies(hidden: int, seed: int, train: Images, test: Images) -> tuple[float, float]:
    """The share of training and of test images, in %, that a net gets right."""
    autograd.manual_seed(seed)
    (x, y), (test_x, test_y) = balanced(*train), balanced(*test)
    centre = x.mean(axis=0)
    model = net(x.shape[1], hidden)
    adam = partial(nn.optim.AdamW, lr=RATE, weight_decay=DECAY)
    model.compile(optimizer=adam, loss="bce_with_logits", metrics=["accuracy"])
    model.fit(x - centre, y, batch_size=BATCH, epochs=EPOCHS, verbose=False)
    pairs = ((x, y), (test_x, test_y))
    found = [100 * model.evaluate(images - centre, cats)["accuracy"] for images, cats in pairs]
    return found[0], found[1]


def main() -> None:
    """Prints what both nets get right, for every seed."""
    train, test = (
        tuple(t.numpy() for t in CIFAR10Subset(train=part, flat=True).tensors())
        for part in (True, False)
    )
    pixels = train[0].shape[1]
    print(viz.summary(net(pixels, WIDTH), (BATCH, pixels)))
    OUT.mkdir(exist_ok=True)
    drawn = viz.draw(net(pixels, WIDTH)(train[0][:BATCH] / np.float32(1)), depth=1)
    print(f"drawn to {drawn.save(OUT / 'cat_or_not.svg')}\n")
    for name, hidden in (("logistic unit", 0), ("two layers", WIDTH)):
        results = [accuracies(hidden, seed, train, test) for seed in SEEDS]
        learned, unseen = (mean(part) for part in zip(*results, strict=True))
        each = " ".join(f"{new:.1f}" for _, new in results)
        print(f"{name:13}  training {learned:.1f}%  test {unseen:.1f}% ({each})")


if __name__ == "__main__":
    main()
