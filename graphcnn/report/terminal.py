"""Text for a terminal: how wide it is, what it must not contain, and its colours."""

from __future__ import annotations

import unicodedata

_COLORS = {"red": "31", "yellow": "33", "blue": "34", "cyan": "36"}
# These reorder what follows, so that a line can be made to look like another.
_REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def style(text: str, color: str | None = None, *, bold: bool = False, on: bool = True) -> str:
    """``text`` in colour where colours are ``on``."""
    codes = [*(["1"] if bold else []), *([_COLORS[color]] if color else [])]
    return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if on and codes else text


def printable(char: str) -> str:
    """A character as it can be shown: control characters of a stranger's file do nothing."""
    if char.isprintable() and char not in _REORDERING:
        return char
    if char in _REORDERING or not unicodedata.category(char).startswith("Z"):
        return f"<U+{ord(char):04X}>"
    return " "


def clean(text: str) -> str:
    """``text`` with its control characters made visible."""
    return text if text.isascii() and text.isprintable() else "".join(map(printable, text))


def width(text: str) -> int:
    """Columns that ``text`` takes: two for a wide character, none for a combining one."""
    return len(text) if text.isascii() else sum(map(_char_width, text))


def _char_width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
