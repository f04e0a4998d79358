"""YAML 1.2 for a parser of YAML 1.1: U+0085, U+2028 and U+2029 are characters, and end no line.

libyaml ends a line, and so a comment, at each of them. It is given the text with a character that
does not occur in it in the place of each, so that all positions stay.
"""

from __future__ import annotations

from typing import Final

#: what only YAML 1.1 takes for the end of a line
OLD: Final = "\x85\u2028\u2029"

_PRIVATE: Final = range(0xE000, 0xF900)


class Readable:
    """A text as libyaml is to read it.

    Raises:
        ValueError: the text holds all characters of private use, and none is free to stand in.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._back: dict[int, str] = {}
        met = [char for char in OLD if char in text]
        if not met:
            return
        held = set(text)
        free = (code for code in _PRIVATE if chr(code) not in held)
        for char in met:
            code = next(free, None)
            if code is None:
                raise ValueError(char)
            self.text = self.text.replace(char, chr(code))
            self._back[code] = char

    def original(self, value: str) -> str:
        """A value that was read, with the characters of the text."""
        return value.translate(self._back) if self._back else value
