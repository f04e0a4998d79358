"""Which warnings are wanted: `--select`, `--ignore`, and the same words in pyproject.toml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from graphcnn.diagnostics import UsageError, did_you_mean
from graphcnn.lint.rules import RULES

ALL = "ALL"
CODES = tuple(rule.code for rule in RULES)


def codes(words: Iterable[str], where: str) -> frozenset[str]:
    """The codes that words stand for: a code, its first words such as `unused`, or `ALL`.

    Raises:
        UsageError: a word stands for none; ``where`` says where it was given.
    """
    found: set[str] = set()
    for word in words:
        meant = {code for code in CODES if word == ALL or f"{code}-".startswith(f"{word}-")}
        if not meant:
            raise UsageError(f"{where}: {_unknown(word)}")
        found |= meant
    return frozenset(found)


def _unknown(word: str) -> str:
    hint = did_you_mean(word, (*CODES, ALL)) or "`graphcnn explain` lists them"
    return f"there is no warning `{word}`; {hint}"


class Selection(NamedTuple):
    """The warnings that are wanted, and in which files some of them are not.

    The patterns of ``per_file`` are of paths below ``folder``, or of names of files.
    """

    codes: frozenset[str] = frozenset(CODES)
    per_file: Mapping[str, frozenset[str]] = {}
    folder: Path | None = None

    def wants(self, code: str, path: Path | None) -> bool:
        """Whether a warning is wanted in the file at ``path``."""
        return code in self.codes and not (self.per_file and self._spared(code, path))

    def _spared(self, code: str, path: Path | None) -> bool:
        if path is None or self.folder is None:
            return False
        place = path.resolve()
        inside = place.is_relative_to(self.folder)
        below = place.relative_to(self.folder).as_posix() if inside else place.as_posix()
        return any(
            code in spared and (fnmatchcase(below, pattern) or fnmatchcase(place.name, pattern))
            for pattern, spared in self.per_file.items()
        )
