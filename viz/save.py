"""Files: a drawing as .svg, .png, .pdf, .html, .dot, .txt or .json.

What a format needs may be missing: then the nearest one that can be written is, and one line on the
standard error says so. A file is written whole or not at all.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from viz import stepping_page
from viz.boxes import View
from viz.dot import DotError, DotTimeout, dot_of, render
from viz.layout.plan import LayoutError
from viz.page import page_around
from viz.record import to_json
from viz.style import Style
from viz.svg import painted
from viz.text import text_of
from viz.walk import Walk

ENDINGS = (".svg", ".png", ".pdf", ".html", ".dot", ".txt", ".json")
"""What `save()` writes."""

SCALE = 2
"""Pixels of a .png for each pixel of the picture."""

LARGEST = 16_384
"""Pixels that a .png is wide and high at most: more than that, few programs open."""

PNG = "install the extra: pip install 'graphgrad[png]'"

FONT_SECONDS = 10
"""How long `fc-list` may take to list fonts."""

SCRIPTS = {
    "HANGUL": ("ko", "Korean", "fonts-nanum"),
    "HIRAGANA": ("ja", "Japanese", "fonts-noto-cjk"),
    "KATAKANA": ("ja", "Japanese", "fonts-noto-cjk"),
    "CJK": ("zh", "Chinese", "fonts-noto-cjk"),
}
"""By the first word of a character's name: its language, and a package with a font for it."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A file's content. suffix: what it is, if not what was asked for.  remarks: what to say."""

    data: bytes
    suffix: str
    remarks: tuple[str, ...] = ()


def save(view: View, style: Style, path: str | os.PathLike[str], walk: Walk | None = None) -> Path:
    """Writes the view into a file of the kind that its ending says, and returns the path written.

    walk: the steps for a .html, which stands still without.
    A kind that cannot be made here is replaced by the nearest that can, beside it; one line on the
    standard error says so. Raises ValueError for another ending, OSError if the file cannot be
    written.
    """
    path = check_ending(path)
    made = rendered(view, style, path.suffix.lower(), walk)
    is_instead = made.suffix != path.suffix.lower()
    target = path.with_suffix(made.suffix) if is_instead else path
    write_whole(target, made.data)
    for remark in made.remarks:
        start = f"saved {target} instead of {path.name}: " if is_instead else ""
        print(f"graphgrad: {start}{remark}", file=sys.stderr)
        is_instead = False
    return target


def rendered(view: View, style: Style, suffix: str, walk: Walk | None = None) -> Rendered:
    """The bytes of a file with that suffix, one of ENDINGS, or of one in its place."""
    try:
        if suffix == ".html" and walk is not None:
            return _stepping(view, style, walk)
        return _MAKERS[suffix](view, style)
    except LayoutError as error:
        text = _text(view, style)
        return replace(text, remarks=(str(error),))


def check_ending(path: str | os.PathLike[str]) -> Path:
    """path, if save() can write such a file; else a ValueError that names the endings it can."""
    path = Path(path)
    if path.suffix.lower() not in ENDINGS:
        raise ValueError(
            f"{path.name!r}: a drawing is saved as {', '.join(ENDINGS)}; end the name so."
        )
    return path


def _svg(view: View, style: Style) -> Rendered:
    painting = painted(view, style)
    return Rendered(painting.svg.encode(), ".svg", _noted(painting.note))


def _html(view: View, style: Style) -> Rendered:
    painting = painted(view, style)
    page = page_around(painting.svg, view, style)
    return Rendered(page.encode(), ".html", _noted(painting.note))


def _stepping(view: View, style: Style, walk: Walk) -> Rendered:
    painting = painted(view, style)
    page = stepping_page.page_around(painting, view, walk, theme=style.theme)
    return Rendered(page.encode(), ".html", _noted(painting.note))


def _dot(view: View, style: Style) -> Rendered:
    return Rendered(dot_of(view, style).source.encode(), ".dot")


def _text(view: View, style: Style) -> Rendered:
    return Rendered((text_of(view, style, "utf-8") + "\n").encode(), ".txt")


def _json(view: View, style: Style) -> Rendered:
    return Rendered(to_json(view, style).encode(), ".json")


def _png(view: View, style: Style) -> Rendered:
    """Our picture through resvg, else Graphviz's, else the .svg."""
    try:
        resvg = import_module("resvg_py")
    except ImportError:
        return _by_graphviz(view, style, "png", f"a .png needs resvg-py or Graphviz; {PNG}")
    painting = painted(view, style, inline=True)
    scale = min(SCALE, LARGEST / max(painting.size))
    try:
        data = bytes(resvg.svg_to_bytes(svg_string=painting.svg, zoom=scale))
    except ValueError as error:
        return _by_graphviz(view, style, "png", f"resvg-py could not draw it ({error})")
    remarks = _noted(painting.note) + _font_remarks(view)
    if scale < SCALE:
        remarks += (f"the .png is scaled down to {LARGEST:,} pixels; a .svg stays sharp",)
    return Rendered(data, ".png", remarks)


def _pdf(view: View, style: Style) -> Rendered:
    return _by_graphviz(view, style, "pdf", "a .pdf needs Graphviz")


def _by_graphviz(view: View, style: Style, kind: str, need: str) -> Rendered:
    """What `dot` draws; if it cannot, our .svg."""
    try:
        data = render(dot_of(view, style).source, kind)
    except DotError as error:
        is_stuck = isinstance(error, DotTimeout)
        instead = _svg(view, replace(style, layout="graphgrad") if is_stuck else style)
        return replace(instead, remarks=(f"{need}. {error}", *instead.remarks))
    return Rendered(data, f".{kind}", _font_remarks(view))


_MAKERS: dict[str, Callable[[View, Style], Rendered]] = {
    ".svg": _svg,
    ".png": _png,
    ".pdf": _pdf,
    ".html": _html,
    ".dot": _dot,
    ".txt": _text,
    ".json": _json,
}


def _noted(note: str) -> tuple[str, ...]:
    """What a layout says of itself; the same line only once in a process."""
    return (note,) if note and _is_new(note) else ()


_said: set[str] = set()


def _is_new(note: str) -> bool:
    is_new = note not in _said
    _said.add(note)
    return is_new


def tell(note: str) -> None:
    """Says a layout's note, once in a process, on the standard error; "" is none."""
    if note and _is_new(note):
        print(f"graphgrad: {note}", file=sys.stderr)


def _font_remarks(view: View) -> tuple[str, ...]:
    """Which font is missing for a name in the picture; "" where nobody can tell."""
    texts = [box.label for box in view.boxes] + [wire.name for wire in view.wires]
    characters = sorted({c for text in texts for c in text if c > "\u1000"})
    words = {unicodedata.name(c, "").partition(" ")[0] for c in characters}
    for word, (language, name, package) in SCRIPTS.items():
        if word in words and _lacks_font(language):
            return (
                f"no font here has {name} letters, so that boxes stand in their place; "
                f"sudo apt-get install {package}",
            )
    return ()


@lru_cache
def _lacks_font(language: str) -> bool:
    """Whether fontconfig knows fonts, but none for the language."""
    program = shutil.which("fc-list")
    if program is None:
        return False
    try:
        done = subprocess.run(
            [program, f":lang={language}"], capture_output=True, timeout=FONT_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and not done.stdout.strip()


def write_whole(path: Path, data: bytes) -> Path:
    """path, with data in it: under another name first, so that no reader ever finds half a file.

    Raises FileNotFoundError if its folder is missing, OSError if it cannot be written.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: there is no folder {path.parent}. Make it first.")
    # Not after the file's own name, which may be as long as names can be. A link stays a link.
    place = Path(os.path.realpath(path))
    part = place.with_name(f".graphgrad-{os.getpid()}-{threading.get_ident()}.part")
    try:
        part.write_bytes(data)
        if place.exists():
            shutil.copymode(place, part)
        os.replace(part, place)
    except OSError as error:
        reason = f"{path} cannot be written: {error.strerror or error}. Choose another place."
        raise type(error)(reason) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return path
