"""Variants of a spec whose layers changed alike, which are shown once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from graphcnn.difference.changes import Kind
from graphcnn.difference.specs import VariantDiff
from graphcnn.report.diff_figures import Show, listed, quoted, signed
from graphcnn.report.diff_rows import Layers, Row, fold
from graphcnn.size import Size
from graphcnn.size.figures import exact, rounded


class Line(NamedTuple):
    """A row of the table of layers, as text."""

    change: str
    place: str
    label: str
    detail: str
    params: str
    macs: str


@dataclass(frozen=True)
class Group:
    """Variants with what became of the layers of each; figures that differ are spans."""

    variants: list[VariantDiff]
    layers: list[Layers]

    @property
    def title(self) -> str:
        """The variants, and how many of their layers came, went or changed."""
        found: list[str] = []
        for kind in (Kind.CHANGED, Kind.CAME, Kind.WENT):
            counts = [one.count(kind) for one in self.layers]
            if any(counts):
                noun = "" if found else " layer" if {*counts} == {1} else " layers"
                found.append(f"{_span(counts)}{noun} {kind}")
        names = listed(one.variant or "" for one in self.variants)
        return f"{names}: {', '.join(found)}" if found else names

    def lines(self) -> Iterator[Line]:
        """What the author changed."""
        for rows in zip(*(one.rows for one in self.layers), strict=True):
            about = max((row.about for row in rows), key=len)
            yield Line(rows[0].kind, _place(rows), _label(rows), about, *_costs(rows))

    def notes(self) -> Iterator[str]:
        """What follows from that, and what is called differently; names are in backticks."""
        yield from self.layers[0].rewired
        affected = [one.affected for one in self.layers]
        if affected[0].layers:
            costs = zip(("params", "MACs"), _costs(affected), strict=True)
            # Of a product with a symbol, Markdown would read the stars.
            shown = ((name, quoted(cost) if "*" in cost else cost) for name, cost in costs)
            said = ", ".join(f"{name} {cost}" for name, cost in shown if cost)
            counts = [row.layers for row in affected]
            more = "1 other layer has" if {*counts} == {1} else f"{_span(counts)} other layers have"
            yield f"Because of that, {more} other shapes{f' ({said})' if said else ''}"
        yield from self._renames()

    def _renames(self) -> Iterator[str]:
        first = self.layers[0]
        if first.renames:
            alike = all(one.renames == first.renames for one in self.layers)
            where = "" if alike else f", in {quoted(self.variants[0].variant or '')}"
            named = _named_anew([one.renamed_weights for one in self.layers], "weight")
            said = listed(
                (f"{quoted(one.before)} → {quoted(one.after)}" for one in first.renames), 5
            )
            yield f"{named}{where}: {said}"
        if first.unweighted:
            yield _named_anew([one.unweighted for one in self.layers], "layer", " without weights")


def grouped(variants: Iterable[VariantDiff]) -> list[Group]:
    """The variants that have differences, those that changed alike together."""
    groups: list[Group] = []
    for variant in variants:
        if variant.diff is None or variant.diff.is_empty:
            continue
        layers = fold(variant.diff)
        group = next((one for one in groups if one.layers[0].same_as(layers)), None)
        if group is None:
            groups.append(Group([variant], [layers]))
        else:
            group.variants.append(variant)
            group.layers.append(layers)
    return groups


def _named_anew(counts: list[int], what: str, more: str = "") -> str:
    if {*counts} == {1}:
        return f"1 {what}{more} has another name"
    return f"{_span(counts)} {what}s{more} have other names"


def _span(counts: Iterable[int]) -> str:
    """A number, or the smallest and the largest of several."""
    low, *rest = sorted({*counts})
    return f"{exact(low)} … {exact(rest[-1])}" if rest else exact(low)


def _place(rows: tuple[Row, ...]) -> str:
    places = {row.place for row in rows}
    return rows[0].place if len(places) == 1 else f"{next(iter(rows[0].names))} …"


def _label(rows: tuple[Row, ...]) -> str:
    labels = {row.label for row in rows}
    return (
        rows[0].label
        if len(labels) == 1
        else f"{_span(len(row.names) for row in rows)} x {rows[0].what}"
    )


def _costs(rows: Iterable[Row]) -> tuple[str, str]:
    rows = [*rows]
    return _cost([row.params for row in rows], exact), _cost([row.macs for row in rows], rounded)


def _cost(sizes: list[Size], show: Show) -> str:
    """What rows of several models cost more."""
    shown = [signed(size, show=show) for size in sizes]
    numbers = sorted(size for size in sizes if isinstance(size, int))
    if len({*shown}) == 1:
        return shown[0]
    if len(numbers) < len(sizes):
        return "varies"
    return f"{signed(numbers[0], show=show) or 0} … {signed(numbers[-1], show=show) or 0}"
