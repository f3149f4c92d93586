"""A program that saves and is killed: run by test_checkpoint_killed.py in a process of its own.

`steps FOLDER` saves version 2 over version 1 once for every step that saving takes, killed there,
and prints what each death left. `loop FILE` saves versions 1, 2, … until it is killed, and
prints each number when its save has returned.
"""

import io
import os
import signal
import sys
from itertools import count
from typing import Any

import numpy as np

from nn import atomic_file
from nn.checkpoint import load, save

WATCHED = ("open", "fsync", "replace", "unlink", "close")
SIZE = 400_000  # elements of a version in the loop: 3.2 MB


def version(number: int, size: int) -> dict[str, Any]:
    return {"number": number, "data": [np.full(size, number), np.full(3, number)]}


def number_in(path: str) -> int:
    """The version that a file holds, which must be whole."""
    value = load(path)
    assert all((array == value["number"]).all() for array in value["data"])
    return int(value["number"])


class Fuse:
    """Kills this process at the given step."""

    def __init__(self, last: int) -> None:
        self.last, self.steps = last, 0

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, function: Any) -> Any:
        """function with a step before it."""

        def stepped(*args: Any, **kwargs: Any) -> Any:
            self.step()
            return function(*args, **kwargs)

        return stepped

    def light(self) -> None:
        """Puts a step before each call of the system that saving makes, and amid each write."""
        fuse = self

        class Slow(io.FileIO):
            def write(self, data: Any) -> int:
                fuse.step()
                done = super().write(memoryview(data)[: len(data) // 2 + 1])
                fuse.step()
                return done

        for name in WATCHED:
            setattr(os, name, self.around(getattr(os, name)))
        vars(atomic_file)["open"] = lambda path, mode: io.BufferedRandom(Slow(path, "x+"), 2048)


def die_at_every_step(folder: str) -> None:
    """Prints, for each step: the step, the version found, the number of files beside it."""
    path = os.path.join(folder, "x.npz")
    for last in count(1):
        save(version(1, 600), path)
        if not (child := os.fork()):
            fuse = Fuse(last)
            fuse.light()
            save(version(2, 600), path)
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        print(last, number_in(path), len(os.listdir(folder)) - 1, status, flush=True)
        if status == 0:
            return


if __name__ == "__main__":
    if sys.argv[1] == "steps":
        die_at_every_step(sys.argv[2])
    else:
        for number in count(1):
            save(version(number, SIZE), sys.argv[2])
            print(number, flush=True)
