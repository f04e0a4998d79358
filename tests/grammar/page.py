"""The part of docs/verify.md that says what was drawn: `python -m tests.grammar.page` writes it.

A cell is the number of specs, of those that compile, in which the two meet.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from graphcnn.diagnostics import SpecError
from tests.grammar.coverage import Counts, Reading, beside, kinds, places, roles, sections
from tests.grammar.draw import draw
from tests.grammar.reasons import REASONS, reason
from tests.grammar.runs import compiled

PAGE = Path(__file__).parents[2] / "docs" / "verify.md"
BEGIN, END = "<!-- drawn from the grammar -->", "<!-- end -->"

#: how many specs the tables are of
DRAWS = 9000

Table = tuple[str, str, list[str], list[str]]


def tables() -> list[Table]:
    """Each with its name, what it shows, its rows and its columns."""
    every = [*kinds(), *beside()]
    return [
        ("places", "Statements by where they stand", places(), every),
        ("beside", "What stands beside a statement's action", beside(), every),
        ("after", "Statements by the one before, in the same list", kinds(), kinds()),
        ("roles", "Statements by what they are for others", roles(), every),
        ("sections", "Parts of files and blocks", sections(), [""]),
    ]


def counted(seeds: Iterable[int]) -> Counts:
    """In how many specs each pair is; specs that are refused do not count."""
    found: Counts = Counter()
    for seed in seeds:
        drawn = draw(seed)
        try:
            with compiled(drawn.files, drawn.variant):
                found.update({*Reading(drawn.files).counts})
        except SpecError:
            continue
        found["specs", "", ""] += 1
    return found


def left_out(counts: Counts) -> list[tuple[str, str, str]]:
    """Pairs that were never drawn, and of which no reason is known."""
    return [
        (table, row, column)
        for table, _, rows, columns in tables()
        for row in rows
        for column in columns
        if row != column or table == "after"
        if not counts[table, row, column] and reason(table, row, column) is None
    ]


def text(counts: Counts) -> str:
    """The tables, columns as rows: there are more of them."""
    parts = [BEGIN, f"\n{counts['specs', '', '']:,} specs:\n"]
    for table, title, rows, columns in tables():
        parts.append(f"\n**{title}**\n\n" + "".join(_table(counts, table, rows, columns)))
    parts.append("\nA dash is a pair that is not drawn:\n\n")
    told = dict.fromkeys((one.table, one.why) for one in REASONS)
    titles = {table: title for table, title, _, _ in tables()}
    parts += [f"- {titles[table]}: {why}.\n" for table, why in told]
    return "".join([*parts, f"\n{END}\n"])


def _table(counts: Counts, table: str, rows: list[str], columns: list[str]) -> Iterator[str]:
    if columns == [""]:
        yield "| part | specs |\n|---|---:|\n"
        yield from (f"| {row} | {counts[table, row, '']:,} |\n" for row in rows)
        return
    yield f"| | {' | '.join(rows)} |\n|---|{'---:|' * len(rows)}\n"
    for column in columns:
        cells = (f"{counts[table, row, column]:,}" if counts[table, row, column] else "—"
                 for row in rows)  # fmt: skip
        yield f"| {column} | {' | '.join(cells)} |\n"


def read(page: str) -> Counts:
    """The counts that a page shows."""
    found: Counts = Counter()
    part = page.partition(BEGIN)[2].partition(END)[0]
    found["specs", "", ""] = int(part.split()[0].replace(",", "")) if part.split() else 0
    for table, title, _, _ in tables():
        lines = part.partition(f"**{title}**")[2].strip().splitlines()
        head = [cell.strip() for cell in lines[0].split("|")[2:-1]] if lines else []
        for line in lines[2:]:
            if not line.startswith("|"):
                break
            name, *cells = [cell.strip() for cell in line.split("|")[1:-1]]
            for row, cell in zip(head, cells, strict=True):
                count = 0 if cell == "—" else int(cell.replace(",", ""))
                pair = (name, "") if table == "sections" else (row, name)
                found[table, *pair] = count
    return found


def main() -> None:
    counts = counted(range(DRAWS))
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(f"{END}\n")[2]
    PAGE.write_text(before + text(counts) + after, encoding="utf-8")
    for pair in left_out(counts):
        sys.stderr.write(f"never drawn: {', '.join(filter(None, pair))}\n")


if __name__ == "__main__":
    main()
