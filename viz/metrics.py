"""How wide a text is, without any font: typical sans-serif widths, a little on the generous side.

The reader's font is not known when a picture is made, so a text may come out some per cent narrower
than measured here, hardly ever wider. `lettering.py` arranges texts by these widths.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

JOINER = "\u200d"
"""The zero-width joiner, which makes one picture of several emoji."""

EMOJI = 1.3
"""The width of an emoji in em."""

WIDE = 1.0
"""The width of an East Asian character in em: Hangul, kana, Chinese characters."""

TYPICAL = 0.65
"""The width in em of a character that no table knows."""

BOLD = 1.07
"""How much wider bold text is."""

_GROUPS = {
    0.25: "il|'Ij",
    0.31: " !,.:;`·",
    0.37: '()[]{}ftr-/"°ªº²³¹ᵀ₀₁₂₃₄₅₆₇₈₉⁰⁴⁵⁶⁷⁸⁹‘’',
    0.42: "\\“”‖∣",
    0.50: "Jcksvxyz*^∂–",
    0.55: "aegLTFZ_?τγιν∫",
    0.62: "bdhnopqu0123456789$#EPSBY∞σμπαβθλδεηκρφχψωκξζ",
    0.66: "+=<>~×÷−±≤≥≠≈·√∈XKRVA&ΔΛΣΓΠβß",
    0.76: "CDHNUwGOQ∇ΨΩΦΘ",
    0.92: "mMæœ∑∏⚠",
    1.02: "W@%—…→←↑↓↔⇒ÆŒ",
}

_WIDTHS = {character: em for em, group in _GROUPS.items() for character in group}


def width(text: str, size: float, bold: bool = False) -> float:
    """The width of one line of text in pixels, if its letters are size pixels high.

    >>> width("715", 13) < width("7150", 13) < width("사과 가격", 13)
    True
    """
    return _em(text) * size * (BOLD if bold else 1.0)


@lru_cache(maxsize=4096)
def _em(text: str) -> float:
    if text.isascii():
        return sum(_WIDTHS.get(character, TYPICAL) for character in text)
    return sum(map(_width_of_glyph, glyphs(text)))


def glyphs(text: str) -> list[str]:
    """text cut where the reader sees one sign end and the next begin.

    A letter keeps its accents; emoji that are joined, coloured or a flag are one sign.

    >>> len(glyphs("é")), len(glyphs("👩\u200d👧")), len(glyphs("🇰🇷")), len(glyphs("가격"))
    (1, 1, 1, 2)
    """
    return list(_glyphs(unicodedata.normalize("NFC", text)))


def _glyphs(text: str) -> Iterator[str]:
    glyph = ""
    for character in text:
        if glyph and not _joins(glyph, character):
            yield glyph
            glyph = ""
        glyph += character
    if glyph:
        yield glyph


def _joins(glyph: str, character: str) -> bool:
    """Whether character belongs to the sign that begins with glyph."""
    if character == JOINER or glyph[-1] == JOINER or _is_mark(character):
        return True
    # Two letters of a flag; a third begins the next flag.
    return len(glyph) == 1 and _is_flag_letter(glyph) and _is_flag_letter(character)


def _is_mark(character: str) -> bool:
    """An accent, a variation selector, or the colour of a skin."""
    return unicodedata.category(character) in ("Mn", "Me") or "\U0001f3fb" <= character <= (
        "\U0001f3ff"
    )


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _width_of_glyph(glyph: str) -> float:
    first = glyph[0]
    if first in _WIDTHS and "\ufe0f" not in glyph:
        return _WIDTHS[first]
    if len(glyph) > 1 and unicodedata.category(glyph[-1]) == "Mn" and "\ufe0f" not in glyph:
        return _width_of_glyph(first)
    if first >= "\U0001f000" or "\ufe0f" in glyph:
        return EMOJI
    if unicodedata.east_asian_width(first) in "WF":
        return WIDE
    base = unicodedata.normalize("NFD", first)[0]
    if base != first:
        return _WIDTHS.get(base, TYPICAL)
    return 0.0 if unicodedata.category(first) in ("Mn", "Me", "Cf") else TYPICAL
