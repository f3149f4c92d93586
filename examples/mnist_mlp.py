"""MNIST by multi-layer perceptrons, to the published test errors.

Needs the four MNIST files: in a folder named by GRAPHGRAD_DATA, or fetched by `DOWNLOAD = True`.
Every net is trained by AdamW on the raw pixels, with dropout, weight decay and one cycle of the
learning rate, and measured once, after the last epoch, on the 10,000 test digits. Runs for about
5 minutes on 2 cores; the results are in docs/results.md. Published errors: 4.7 % for 784-300-10
(LeCun et al. 1998; here 1.9 is asked), 1.6 % for 784-800-10 (Simard et al. 2003), 1.53 % for
784-500-300-10 with weight decay (Hinton 2005).
"""

import time
from itertools import pairwise
from pathlib import Path
from statistics import mean
from typing import Any

import autograd
import nn
import viz
from nn.data import MNIST, DataLoader, TensorDataset
from nn.optim.lr_scheduler import OneCycleLR

OUT = Path("out")
DOWNLOAD = False
SEEDS, EPOCHS, BATCH, RATE = (0, 1, 2), 20, 100, 2e-3
NETS: list[tuple[tuple[int, ...], float, float, float, float]] = [
    # sizes, dropout of the input and of hidden units, weight decay, asked test error in %
    ((784, 300, 10), 0.1, 0.2, 0.1, 1.9),
    ((784, 800, 10), 0.2, 0.3, 0.1, 1.6),
    ((784, 500, 300, 10), 0.2, 0.3, 0.1, 1.53),
]


def perceptron(sizes: tuple[int, ...], visible: float, hidden: float) -> nn.Sequential:
    """Layers of the sizes, with relu between them and dropout before each."""
    model = nn.Sequential()
    for i, (inputs, outputs) in enumerate(pairwise(sizes)):
        model.add(nn.Dropout(hidden if i else visible))
        model.add(nn.Linear(inputs, outputs))
        if outputs != sizes[-1]:
            model.add(nn.ReLU())
    return model


def test_error(
    sizes: tuple[int, ...], visible: float, hidden: float, decay: float, seed: int, data: Any
) -> float:
    """The share of test digits, in %, that a net gets wrong after training from a seed."""
    autograd.manual_seed(seed)
    (train_x, train_y), (test_x, test_y) = data
    model = perceptron(sizes, visible, hidden)
    loader = DataLoader(TensorDataset(train_x, train_y), batch_size=BATCH, shuffle=True)
    optimizer = nn.optim.AdamW(model.parameters(), lr=RATE, weight_decay=decay)
    steps = EPOCHS * len(loader)
    cycle = OneCycleLR(optimizer, max_lr=RATE, total_steps=steps, pct_start=0.1)
    trainer = nn.Trainer(
        model,
        "cross_entropy",
        optimizer,
        metrics=["accuracy"],
        scheduler=nn.LRSchedule(cycle, every="batch"),
    )
    trainer.fit(loader, epochs=EPOCHS)
    accuracy = trainer.evaluate(TensorDataset(test_x, test_y), batch_size=1000)["accuracy"]
    return 100 * (1 - float(accuracy))


def main() -> None:
    """Prints the test error of every net for every seed."""
    train, test = (MNIST(train=t, flat=True, download=DOWNLOAD).tensors() for t in (True, False))
    OUT.mkdir(exist_ok=True)
    for sizes, visible, hidden, decay, asked in NETS:
        start = time.perf_counter()
        errors = [test_error(sizes, visible, hidden, decay, s, (train, test)) for s in SEEDS]
        seconds = (time.perf_counter() - start) / len(SEEDS)
        each = " ".join(f"{error:.2f}" for error in errors)
        name = "-".join(map(str, sizes))
        line = f"{name:16} {mean(errors):.2f}% (asked {asked}%; {each}), {seconds:.0f} s a seed"
        loss = nn.CrossEntropyLoss()(perceptron(sizes, visible, hidden)(train[0][:8]), train[1][:8])
        viz.draw(loss, depth=1).save(OUT / f"mnist_{name}.svg")
        print(line, flush=True)


if __name__ == "__main__":
    main()
