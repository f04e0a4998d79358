"""Which warnings a run wants: options, and `[tool.graphcnn]` in the nearest pyproject.toml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from graphcnn.diagnostics import UsageError, did_you_mean
from graphcnn.lint import Selection, codes

FILE = "pyproject.toml"
_KEYS = ("select", "ignore", "per-file-ignores")


class Wanted(NamedTuple):
    """What `--select` and `--ignore` say; None where `--select` is not given.

    `--select` takes the place of what the project selects and ignores, and `--ignore` comes on top
    of what it ignores.
    """

    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()

    @classmethod
    def of(cls, select: Iterable[str], ignore: Iterable[str]) -> Wanted:
        """From options that may each be given several times, each a list with commas.

        Raises:
            UsageError: a word stands for no warning.
        """
        chosen = _words(select)
        return cls(codes(chosen, "--select") if chosen else None, codes(_words(ignore), "--ignore"))

    def selection(self, path: Path | None) -> Selection:
        """The warnings that are wanted of the spec at ``path``, None for standard input.

        Raises:
            UsageError: the pyproject.toml that counts there cannot be understood.
        """
        project = _project(Path.cwd() if path is None else path.resolve().parent)
        kept = project.codes if self.select is None else self.select
        return Selection(kept - self.ignore, project.per_file, project.folder)


def _words(options: Iterable[str]) -> list[str]:
    return [word for option in options for part in option.split(",") if (word := part.strip())]


@cache
def _project(folder: Path) -> Selection:
    """What the nearest pyproject.toml with a `[tool.graphcnn]` wants, from ``folder`` upwards."""
    table = _table(folder / FILE)
    if table is not None:
        return _selection(table, folder)
    return Selection() if folder.parent == folder else _project(folder.parent)


def _table(path: Path) -> Mapping[str, Any] | None:
    """The table of a file, or None where it has none or is not there."""
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    if "graphcnn" not in text:
        return None
    import tomllib

    try:
        tool = tomllib.loads(text).get("tool")
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is no TOML: {error}") from None
    table = tool.get("graphcnn") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise UsageError(f"{path}: tool.graphcnn is a table, not {_kind(table)}")
    return table


def _selection(table: Mapping[str, Any], folder: Path) -> Selection:
    where = f"{folder / FILE}: tool.graphcnn"
    for key in table:
        if key not in _KEYS:
            hint = did_you_mean(key, _KEYS) or f"it has {', '.join(_KEYS)}"
            raise UsageError(f"{where} has no key `{key}`; {hint}")
    select = _codes(table.get("select", ["ALL"]), f"{where}.select")
    ignore = _codes(table.get("ignore", []), f"{where}.ignore")
    per_file = table.get("per-file-ignores", {})
    if not isinstance(per_file, dict):
        raise UsageError(f"{where}.per-file-ignores is a table, not {_kind(per_file)}")
    spared = {
        pattern: _codes(value, f'{where}.per-file-ignores."{pattern}"')
        for pattern, value in per_file.items()
    }
    return Selection(select - ignore, spared, folder)


def _codes(value: object, where: str) -> frozenset[str]:
    if not isinstance(value, list):
        raise UsageError(f"{where} is a list of codes, not {_kind(value)}")
    for word in value:
        if not isinstance(word, str):
            raise UsageError(f"{where} is a list of codes, with {_kind(word)} in it")
    return codes(value, where)


def _kind(value: object) -> str:
    kinds = {dict: "a table", list: "a list", str: "text", bool: "true or false"}
    return kinds.get(type(value), "a number")
