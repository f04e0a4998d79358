"""The table of diagnostic codes: complete, and true."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from graphcnn.backends import find
from graphcnn.codes import CODES
from graphcnn.compiler import check, compile_file
from graphcnn.diagnostics import SpecError
from graphcnn.lint import Selection
from graphcnn.syntax import read

ROOT = Path(__file__).parent.parent

# What a code looks like wherever it stands. A string that looks so and is none is one of `OTHER`.
COMPOUND = re.compile(r"[a-z]+(-[a-z0-9]+)+")
COMMANDS_OF_GIT = {"cat-file", "ls-files", "ls-tree", "merge-base", "rev-parse"}
OTHER = {"google-re2", "per-file-ignores", "system-out", "utf-8"} | COMMANDS_OF_GIT
# What takes a code as its first argument, which may then be one word.
REPORTERS = {"Diagnostic", "ExpressionError", "OpError", "_error", "report"}

# A spec that has it is no text, or too long to print.
WITHOUT_EXAMPLE = {"not-utf8", "too-large", "too-long"}


@cache
def used_codes() -> set[str]:
    """Every code in the compiler and its backends."""
    files = [*ROOT.glob("graphcnn/**/*.py"), *ROOT.glob("backends/**/*.py")]
    found: set[str] = set()
    for path in files:
        if "codes" not in path.parts and not any(parent.is_symlink() for parent in path.parents):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found.update(code for node in ast.walk(tree) for code in codes_in(node))
    return found - OTHER


def codes_in(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str) and COMPOUND.fullmatch(node.value):
            yield node.value
    elif isinstance(node, ast.Call):
        callee = node.func
        name = callee.attr if isinstance(callee, ast.Attribute) else getattr(callee, "id", "")
        codes = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
        if name in REPORTERS:
            codes += node.args[:1]
        for code in codes:
            value = code.value if isinstance(code, ast.Constant) else None
            if isinstance(value, str) and re.fullmatch(r"[a-z]+", value):
                yield value


def test_every_code_is_explained() -> None:
    assert used_codes() - CODES.keys() == set()


def test_every_explained_code_is_used() -> None:
    assert CODES.keys() - used_codes() == set()


def codes_of(text: str, folder: Path) -> list[str]:
    """What validating a spec finds, and where it finds nothing, what building it does."""
    path = folder / "net.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        found = check(read(path), warnings=Selection())
        if not found:
            find("pytorch").emit(compile_file(read(path)))
    except SpecError as error:
        found = list(error.diagnostics)
    return [diagnostic.code for diagnostic in found]


@pytest.mark.parametrize("code", CODES)
def test_an_example_has_its_code_and_its_mend_has_none(code: str, tmp_path: Path) -> None:
    entry = CODES[code]
    if code in WITHOUT_EXAMPLE:
        assert entry.example is None
        return
    assert entry.example is not None
    assert entry.mend is not None
    assert codes_of(entry.example, tmp_path) == [code]
    assert codes_of(entry.mend, tmp_path) == []


@pytest.mark.parametrize("code", CODES)
def test_a_code_reads_well(code: str) -> None:
    entry = CODES[code]
    assert re.fullmatch(r"[^A-Z].*[^.]", entry.summary), "a summary is no sentence"
    assert entry.explanation.endswith(".")
