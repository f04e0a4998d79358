"""Diagnostics for people: place, code and message, then the line itself with its mistake marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from graphcnn.diagnostics import Diagnostic, Severity
from graphcnn.report.checked import Checked
from graphcnn.report.terminal import clean, printable, style, width

TAB = 4
MAX_WIDTH = 100
"""Columns of a source line that are shown; of a longer one, those around the mistake."""

_BEFORE = 30  # columns of a long line that are shown in front of the mistake
_MAX_CHARACTERS = 4 * MAX_WIDTH  # of a line, around the mistake, that are looked at


def render(
    diagnostics: Sequence[Diagnostic],
    *,
    checked: Sequence[Checked] = (),  # noqa: ARG001 - a finding says which file it is in
    color: bool = False,
) -> str:
    """All findings, one block each, and how many they are."""
    if not diagnostics:
        return ""
    blocks = ["\n".join(_block(diagnostic, color)) + "\n" for diagnostic in diagnostics]
    return "\n".join([*blocks, _total(diagnostics) + "\n"])


def _total(diagnostics: Sequence[Diagnostic]) -> str:
    counted = Counter(diagnostic.severity for diagnostic in diagnostics)
    total = ", ".join(
        f"{counted[severity]} {severity}{'s' if counted[severity] > 1 else ''}"
        for severity in Severity
        if counted[severity]
    )
    fixes = [diagnostic.fix.safe for diagnostic in diagnostics if diagnostic.fix is not None]
    safe, unsafe = fixes.count(True), fixes.count(False)
    mended = [f"`--fix` mends {safe}"] * (safe > 0)
    mended += [f"`--unsafe-fixes` mends {unsafe}{' more' if safe else ''}"] * (unsafe > 0)
    return "; ".join([total, *mended])


def _block(diagnostic: Diagnostic, color: bool) -> Iterator[str]:
    tint = "red" if diagnostic.severity is Severity.ERROR else "yellow"
    title = style(f"{diagnostic.severity}[{diagnostic.code}]", tint, bold=True, on=color)
    place = style(clean(str(diagnostic.span)), bold=True, on=color)
    yield f"{place}: {title}: {clean(diagnostic.message)}"
    line, column = diagnostic.span.begin_position
    text = diagnostic.span.file.line(line)
    margin = " " * len(str(line))

    def bar(label: str, rest: str = "") -> str:
        return f"{style(f'{label} |', 'blue', bold=True, on=color)}{rest and f' {rest}'}"

    if text.strip():
        end_line, end_column = diagnostic.span.end_position
        end = end_column if end_line == line else len(text) + 1
        shown, before, marked = _marked(text, column - 1, end - 1)
        yield bar(margin)
        yield bar(str(line), shown)
        yield bar(margin, " " * before + style("^" * marked, tint, bold=True, on=color))
    equals = style("=", "blue", bold=True, on=color)
    for note in diagnostic.notes:
        yield f"{margin} {equals} {clean(note)}"
    if diagnostic.help is not None:
        yield f"{margin} {equals} {style('help:', 'cyan', bold=True, on=color)} " + clean(
            diagnostic.help
        )


def _marked(text: str, start: int, end: int) -> tuple[str, int, int]:
    """A line as it is shown, the columns in front of the mark, and the columns of the mark.

    ``start`` and ``end`` are characters of ``text``; a mark has at least one column.
    """
    skipped = max(start - _MAX_CHARACTERS // 2, 0)
    rest = len(text) > skipped + _MAX_CHARACTERS
    text = text[skipped : skipped + _MAX_CHARACTERS]
    cells = _cells(text)
    start = min(start - skipped, len(cells))
    # What trails a value on its line is not part of it.
    end = max(start, min(end - skipped, len(text.rstrip())))
    first, last = _visible(cells, start)
    head = "…" if first or skipped else ""
    tail = "…" if last < len(cells) or rest else ""
    before = sum(map(width, [head, *cells[first:start]]))
    marked = sum(map(width, cells[start : min(end, last)]))
    return f"{head}{''.join(cells[first:last])}{tail}".rstrip(), before, max(marked, 1)


def _cells(text: str) -> list[str]:
    """What each character of a line becomes: a tab its spaces, a control character its number."""
    if text.isascii() and text.isprintable():
        return list(text)
    cells: list[str] = []
    column = 0
    for char in text:
        cells.append(" " * (TAB - column % TAB) if char == "\t" else printable(char))
        column += width(cells[-1])
    return cells


def _visible(cells: list[str], start: int) -> tuple[int, int]:
    """The part of a line to show, which begins at its beginning unless the mark lies far off."""
    if sum(map(width, cells)) <= MAX_WIDTH:
        return 0, len(cells)
    first = 0
    if sum(map(width, cells[:start])) > MAX_WIDTH - _BEFORE:
        first = start
        room = _BEFORE
        while first and (room := room - width(cells[first - 1])) >= 0:
            first -= 1
    last, room = first, MAX_WIDTH - 2
    while last < len(cells) and (room := room - width(cells[last])) >= 0:
        last += 1
    return first, last
