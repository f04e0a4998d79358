"""Specs with mistakes in them, and what is said of each.

Every file in `tests/invalid/` carries its diagnostics as comments below the line that each is
about, `^` marking the place:

    - rellu
    # ^^^^^ unknown-op: there is no op or block `rellu`
    #       help: did you mean `relu`?

What begins in the first column, where the comment does, is marked by `#<`. Findings in another
file, one that is imported, stand at the end. Nothing else may be found. After a change that is
meant to show, `python -m tests.test_invalid` writes the comments anew.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from graphcnn.codes import CODES, build
from graphcnn.codes.code import spec
from graphcnn.compiler import check
from graphcnn.diagnostics import Diagnostic, SpecError
from graphcnn.lint import RULES
from graphcnn.report import render_diagnostics
from graphcnn.syntax import LIMIT, decode

FOLDER = Path(__file__).parent / "invalid"
FILES = sorted(FOLDER.glob("*.yaml"))  # those in `lib` are there to be imported

_MARK = re.compile(r"#( *\^+ |< | {3,}(note|help): | @ )")


def found_in(path: Path, data: bytes) -> list[Diagnostic]:
    try:
        return check(decode(data, path.name, path))
    except SpecError as error:
        return list(error.diagnostics)


def without_marks(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not _MARK.match(line))


def marked(text: str, name: str, diagnostics: Iterable[Diagnostic]) -> str:
    """``text``, which may be marked already, with these diagnostics and no others."""
    at_line: dict[int, list[str]] = {}
    elsewhere: list[str] = []
    for one in diagnostics:
        if one.span.file.name == name:
            at_line.setdefault(one.span.begin_position.line, []).extend(_mark(one))
        else:
            imported = (one.span.file.path or Path()).relative_to(FOLDER)
            place = ":".join(map(str, (imported, *one.span.begin_position)))
            elsewhere.append(f"# @ {place}: {one.code}: {one.message}\n")
    lines: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not _MARK.match(line):
            lines.append(line)
        lines += at_line.get(number, ())
    return "\n".join(lines) + "".join(elsewhere)


def _mark(found: Diagnostic) -> Iterator[str]:
    line, column = found.span.begin_position
    end_line, end = found.span.end_position
    written = len(found.span.file.line(line)) + 1
    width = max(1, (end if end_line == line else written) - column)
    arrow = "#<" if column == 1 else f"#{' ' * (column - 2)}{'^' * width}"
    yield f"{arrow} {found.code}: {found.message}"
    for note in found.notes:
        yield f"#{' ' * max(column, 4)}note: {note}"
    if found.help:
        yield f"#{' ' * max(column, 4)}help: {found.help}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_said(path: Path) -> None:
    data = path.read_bytes()
    text = data.decode(errors="surrogateescape")
    found = found_in(path, data)
    assert found != [], "the suite is for specs with mistakes"
    assert all(one.message.strip() for one in found)
    assert all(one.code in render_diagnostics(found, "text") for one in found)
    assert marked(text, path.name, found).split("\n") == text.split("\n")


# What no editor would show: the content, and the place and code of the one finding.
HUGE = {
    "a hundred thousand brackets": (b"[" * 100_000, "1:101", "too-deep"),
    "a hundred thousand braces": (b"{a: " * 100_000, "1:401", "too-deep"),
    "a hundred thousand items": (b"- " * 100_000, "1:201", "too-deep"),
    "a hundred thousand groups": (
        spec("- sequence: [" + "{sequence: [" * 100_000).encode(),
        "5:592",
        "too-deep",
    ),
    "an integer of a million digits": (
        spec(f"- conv: {{out: {'9' * 1_000_000}, kernel: 3}}").encode(),
        "5:17",
        "too-long",
    ),
    "a text of a million letters": (
        spec(f"- {{relu: {{}}, id: {'a' * 1_000_000}}}").encode(),
        "5:20",
        "too-long",
    ),
    "an expression of a million letters": (
        spec(f"- conv: {{out: $({'8+' * 500_000}8), kernel: 3}}").encode(),
        "5:17",
        "too-long",
    ),
    "more text than is read": (b"#" * (LIMIT + 1), "1:1", "too-large"),
    "UTF-16": (spec("- relu").encode("utf-16"), "1:1", "not-utf8"),
    "an image": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "1:1", "not-utf8"),
    "bytes of zero": (b"\0" * 1000, "1:1", "yaml-syntax"),
    "nothing": (b"", "1:1", "empty-file"),
    "blank lines": (b"\n\n  \n", "1:1", "empty-file"),
    "a tab": (b"graphcnn: 1\nname: net\ngraph:\n\t- relu\n", "4:1", "yaml-syntax"),
}


@pytest.mark.parametrize("case", HUGE)
def test_what_is_no_text_to_read(case: str, tmp_path: Path) -> None:
    content, place, code = HUGE[case]
    path = tmp_path / "net.yaml"
    path.write_bytes(content)
    began = time.perf_counter()
    (found,) = found_in(path, content)
    assert time.perf_counter() - began < 10
    assert (str(found.span), found.code) == (f"net.yaml:{place}", code)
    assert found.message.strip()
    assert len(found.message) < 1000
    assert len(render_diagnostics([found], "text")) < 10_000


def test_there_are_many() -> None:
    assert len(FILES) >= 60


def test_each_code_has_a_spec() -> None:
    marks = "\n".join(path.read_text(errors="replace") for path in FILES)
    marked_codes = set(re.findall(r"^#(?: *\^+|<| @ [^ ]+) ([a-z0-9-]+):", marks, re.MULTILINE))
    found_when_built = set(build.CODES)
    huge = {code for _, _, code in HUGE.values()}
    warnings = {rule.code for rule in RULES}  # tests/lint has a spec for each
    assert set(CODES) - found_when_built - huge - warnings <= marked_codes
    assert marked_codes <= set(CODES)


def rewrite(path: Path) -> None:
    text = without_marks(path.read_bytes().decode(errors="surrogateescape"))
    for _ in range(2):  # the marks move the lines that messages name
        data = text.encode(errors="surrogateescape")
        text = marked(text, path.name, found_in(path, data))
    path.write_bytes(text.encode(errors="surrogateescape"))


if __name__ == "__main__":
    for each in FILES:
        rewrite(each)
