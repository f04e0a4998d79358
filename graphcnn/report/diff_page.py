"""What `graphcnn diff` says to people, as headings, tables and sentences.

Text and Markdown are two ways to write the same page. In sentences, names stand in backticks; the
cells of some columns of a table are names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graphcnn.diagnostics import Diagnostic
from graphcnn.difference import Comparison
from graphcnn.difference.specs import SpecDiff, Status, VariantDiff
from graphcnn.report.diff_figures import Figure, figures, listed, quoted
from graphcnn.report.diff_groups import Group, grouped
from graphcnn.report.table import Column


@dataclass(frozen=True)
class Heading:
    """The name of a spec."""

    text: str


@dataclass(frozen=True)
class Sentence:
    text: str


@dataclass(frozen=True)
class Table:
    """``code`` are the indices of the columns whose cells are names."""

    columns: Sequence[Column]
    rows: list[list[str]]
    code: tuple[int, ...] = ()


@dataclass(frozen=True)
class Part:
    """What became of the layers of some variants, folded away where there are others."""

    title: str
    blocks: list[Block]
    is_only: bool


@dataclass(frozen=True)
class Errors:
    """What keeps a spec from compiling."""

    diagnostics: list[Diagnostic]


Block = Heading | Sentence | Table | Part | Errors

_FIGURES = (
    Column("figure"),
    Column("before", "right"),
    Column("after", "right"),
    Column("change", "right"),
)
_ALWAYS = ("params", "MACs")
_STATES = {Status.CAME: "came", Status.WENT: "went", Status.BROKEN: "does not compile"}
_LAYERS = (
    Column("change"),
    Column("layer"),
    Column("op"),
    Column("what"),
    Column("params", "right"),
    Column("MACs", "right"),
)


def page(comparison: Comparison) -> Iterator[Block]:
    """The whole page; a spec in which nothing differs has a line at the end."""
    if not comparison.specs:
        yield Sentence(f"No specs changed between {comparison.before} and {comparison.after}")
    same = [spec for spec in comparison.specs if spec.is_empty]
    for spec in comparison.specs:
        if not spec.is_empty:
            yield Heading(spec.title)
            yield from _spec(spec)
    if same:
        yield Sentence(f"No difference in {listed((quoted(spec.title) for spec in same), 10)}")


def _spec(spec: SpecDiff) -> Iterator[Block]:
    if spec.before is None or spec.after is None:
        yield Sentence("A new spec" if spec.before is None else "The spec was deleted")
    broken = [one for one in spec.variants if one.status is Status.BROKEN]
    yield from _broken(spec, broken)
    if len(spec.variants) > 1:
        yield _variants(spec)
    elif spec.variants[0].before or spec.variants[0].after:
        yield _totals(spec.variants[0])
    same = [quoted(one.variant or "") for one in spec.variants if one.status is Status.SAME]
    if same:
        yield Sentence(f"The same as before: {listed(same, 10)}")
    groups = grouped(spec.variants)
    for group in groups:
        blocks = [*_layers(group)]
        if blocks and len(spec.variants) > 1:
            yield Part(group.title, blocks, len(groups) == 1)
        else:
            yield from blocks


def _broken(spec: SpecDiff, broken: list[VariantDiff]) -> Iterator[Block]:
    """Which side does not compile; what is known of the other stands in the tables."""
    for side in (spec.before, spec.after):
        if side is not None and side.diagnostics:
            names = listed((quoted(one.variant) for one in broken if one.variant), 5)
            where = f": {names}" if names and len(broken) < len(spec.variants) else ""
            yield Sentence(f"{quoted(side.spec.file.name)} does not compile{where}")
            yield Errors(side.diagnostics)


def _totals(variant: VariantDiff) -> Table:
    rows = [[one.label, one.before, one.after, one.change] for one in figures(variant)]
    return _without_empty(Table(_FIGURES, rows))


def _variants(spec: SpecDiff) -> Table:
    """A line for each variant that changed, with those figures that do in any of them."""
    variants = [one for one in spec.variants if one.status is not Status.SAME]
    every = [{figure.label: figure for figure in figures(one)} for one in variants]
    labels = dict.fromkeys(label for one in every for label in one)
    shown = [
        label
        for label in labels
        if label in _ALWAYS or any(label in one and one[label].has_changed for one in every)
    ]
    columns = [Column("variant")]
    for label in shown:
        columns += [
            Column(label, "right"),
            *([Column("change", "right")] if label in _ALWAYS else []),
        ]
    rows = []
    for variant, found in zip(variants, every, strict=True):
        cells = [variant.variant or "(none)"]
        for label in shown:
            cells += _cells(found.get(label, Figure(label, "", "")))
        rows.append([*cells, _STATES.get(variant.status, "")])
    return _without_empty(Table([*columns, Column("state")], rows, (0,)))


def _cells(figure: Figure) -> list[str]:
    """Both values of a figure and its change; of a lesser one its change alone, if it has one."""
    if figure.label in _ALWAYS:
        return [figure.both, figure.change]
    return [figure.share or figure.growth or figure.both if figure.has_changed else ""]


def _without_empty(table: Table) -> Table:
    """The table without the columns that say nothing."""
    kept = [0, *(i for i in range(1, len(table.columns)) if any(row[i] for row in table.rows))]
    rows = [[row[i] for i in kept] for row in table.rows]
    return Table([table.columns[i] for i in kept], rows, table.code)


def _layers(group: Group) -> Iterator[Block]:
    lines = [[*line] for line in group.lines()]
    if lines:
        yield _without_empty(Table(_LAYERS, lines, (1,)))
    yield from map(Sentence, group.notes())
