"""What pictures by matplotlib have in common: they print as text, and are saved by their ending.

`Curve`, `Boundary` and `Histogram` are such pictures. matplotlib is optional: without it the text
takes a picture's place, and one line says so.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, ClassVar

from viz.save import write_whole

ENDINGS = (".png", ".svg", ".pdf", ".txt")
"""What a plot is saved as."""


class Plotted:
    """A plot, ready to be printed or saved. A subclass gives its text and its image."""

    __slots__ = ()

    called: ClassVar[str]
    """What it is in a sentence: "a curve is"."""

    def to_text(self, encoding: str | None = None) -> str:
        """The plot in characters that the encoding has, by default that of the standard output."""
        return self._text(encoding or getattr(sys.stdout, "encoding", None) or "utf-8")

    def _text(self, encoding: str) -> str:
        raise NotImplementedError

    def _image(self, kind: str) -> bytes:
        """The content of a file, "png", "svg" or "pdf". Raises ImportError without matplotlib."""
        raise NotImplementedError

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes the plot as .png, .svg, .pdf or .txt, and returns the path written.

        Without matplotlib it is written as .txt; one line on the standard error says so.
        Raises ValueError for another ending, OSError if the file cannot be written.
        """
        path = Path(path)
        kind = path.suffix.lower()
        if kind not in ENDINGS:
            raise ValueError(
                f"{path.name!r}: {self.called} saved as {', '.join(ENDINGS)}; end the name so."
            )
        target, data = path, self._image_or_none(kind)
        if data is None:
            data = f"{self.to_text('utf-8')}\n".encode()
            target = path.with_suffix(".txt") if kind != ".txt" else path
        write_whole(target, data)
        if target != path:
            print(
                f"graphgrad: saved {target} instead of {path.name}: a {kind} needs matplotlib. "
                "Install it: pip install 'graphgrad[plot]'",
                file=sys.stderr,
            )
        return target

    def _image_or_none(self, kind: str) -> bytes | None:
        """The content of a file of that ending; None for text, and without matplotlib."""
        try:
            return None if kind == ".txt" else self._image(kind[1:])
        except ImportError:
            return None

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_pretty_(self, printer: Any, is_cycle: bool) -> None:
        """What IPython shows at its prompt."""
        printer.text(f"<{type(self).__name__}>" if is_cycle else self.to_text())

    def _repr_svg_(self) -> str | None:
        """What a notebook shows; None without matplotlib, which leaves the text."""
        data = self._image_or_none(".svg")
        return None if data is None else data.decode()
