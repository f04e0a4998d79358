"""What became of the layers of a model, folded into as few lines as say it."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from graphcnn.difference.changes import Change, Kind, ModelDiff
from graphcnn.difference.tree import Branch, Leaf
from graphcnn.ops.attributes import show
from graphcnn.size import Size


@dataclass
class Row:
    """Layers, or scopes, to which the same happened; costs are those of all of them together."""

    kind: Kind
    what: str
    detail: str
    is_scope: bool = False
    names: dict[str, None] = field(default_factory=dict)
    layers: int = 0
    params: Size = 0
    macs: Size = 0

    def add(self, change: Change, name: str) -> None:
        """Add a layer; ``name`` is its own, or that of the scope that it is in."""
        costs = change.costs
        self.names[name] = None
        self.layers += 1
        self.params, self.macs = self.params + costs.params, self.macs + costs.macs

    @property
    def place(self) -> str:
        """Their names, in the model that has them."""
        names = [*self.names]
        return ", ".join(names) if len(names) < 3 else f"{names[0]} … {names[-1]}"

    @property
    def about(self) -> str:
        """What is different, or what one of them is."""
        return f"{self.detail} each" if self.is_scope and len(self.names) > 1 else self.detail

    @property
    def label(self) -> str:
        """What they are, and how many if several."""
        return f"{len(self.names)} x {self.what}" if len(self.names) > 1 else self.what


@dataclass(frozen=True)
class Renames:
    """Layers in a row that are called differently, and how many weights have other names so."""

    before: str
    after: str
    weights: int


@dataclass(frozen=True)
class Layers:
    """All that became of the layers of a model.

    ``rows`` are what the author changed, ``affected`` sums what follows from it, ``unweighted``
    counts the layers without weights that are called differently, and ``rewired`` says which
    outputs are values of other layers.
    """

    rows: list[Row]
    affected: Row
    renames: list[Renames]
    unweighted: int
    rewired: tuple[str, ...]

    def count(self, kind: Kind) -> int:
        """How many layers came, went or changed."""
        return sum(row.layers for row in self.rows if row.kind is kind)

    @property
    def renamed_weights(self) -> int:
        return sum(one.weights for one in self.renames)

    def same_as(self, other: Layers) -> bool:
        """Whether two models changed alike, so that one of them stands for both."""
        return _said(self) == _said(other)


def _said(one: Layers) -> tuple[object, ...]:
    rows = [(row.kind, row.what, row.detail, next(iter(row.names))) for row in one.rows]
    rest = one.affected.layers, one.renames, one.unweighted
    return rows, one.rewired, *map(bool, rest)


def fold(diff: ModelDiff) -> Layers:
    """The changes of a model, those that are alike in one row each."""
    affected = Row(Kind.AFFECTED, "layer", "")
    rows: dict[Hashable, Row] = {}
    for change in diff.changes:
        if change.kind is Kind.AFFECTED:
            affected.add(change, change.leaf.full)
        elif change.kind is not Kind.RENAMED:
            _add(change, rows)
    renamed = [one for one in diff.changes if one.is_renamed]
    weighted = [one for one in renamed if any(one.leaf.node.weights())]
    unweighted = len(renamed) - len(weighted)
    return Layers([*rows.values()], affected, [*_renames(weighted)], unweighted, diff.rewired)


# --- rows --------------------------------------------------------------------------------


def _add(change: Change, rows: dict[Hashable, Row]) -> None:
    """Add what an author changed to the row of those that are alike."""
    one: Branch | Leaf = change.scope or change.leaf
    # Scopes are counted in the scope around them, layers wherever only the numbers are others.
    where = re.sub(r"\d+", "", one.full) if change.scope is None else one.full.rpartition(".")[0]
    what = one.what or "scope"
    detail = _detail(change) if change.scope is None else _held(change.scope)
    key = change.kind, what, detail, where
    row = rows.setdefault(key, Row(change.kind, what, detail, change.scope is not None))
    row.add(change, one.full)


def _held(scope: Branch) -> str:
    count = scope.ops.total()
    return f"{count} layer{'s' if count > 1 else ''}"


def _detail(change: Change) -> str:
    """What is different in a layer, or what one is that came or went."""
    if change.kind is not Kind.CHANGED:
        return ", ".join(_written(change.leaf))
    attributes = (
        f"{name} {_value(old)} → {_value(new)}" for name, (old, new) in change.attributes.items()
    )
    return ", ".join((*change.notes, *attributes))


def _written(leaf: Leaf) -> Iterator[str]:
    """The attributes that have other values than by default."""
    defaults = {name: one.default for name, one in leaf.node.op.attributes().items()}
    for name, value in leaf.attributes.items():
        if name not in defaults or value != defaults[name]:
            yield f"{name} {_value(value)}"


def _value(value: Any) -> str:
    return value if isinstance(value, str) else show(value)


# --- renames -----------------------------------------------------------------------------


def _renames(changes: Iterable[Change]) -> Iterator[Renames]:
    """Which names became which; a scope stands for what is in it, and a run of numbers is one."""
    heads = [(*_heads(one), len([*one.leaf.node.weights()])) for one in changes]
    scopes = [
        (*names, sum(weights for _, _, weights in members))
        for names, members in groupby(heads, lambda head: head[:2])
    ]
    for _, run in groupby(scopes, lambda scope: _numbering(*scope[:2])):
        members = [*run]
        old, new = ([member[i] for member in members] for i in (0, 1))
        yield Renames(_run(old), _run(new), sum(weights for _, _, weights in members))


def _heads(change: Change) -> tuple[str, str]:
    """The names of the largest scopes, or of the layers, that were renamed."""
    old, new = (leaf.full.split(".") for leaf in (change.before, change.after) if leaf is not None)
    while len(old) > 1 and len(new) > 1 and old[-1] == new[-1]:
        # Equal numbers at other depths are of other sequences.
        if old[-1].isdigit() and len(old) != len(new):
            break
        old, new = old[:-1], new[:-1]
    return ".".join(old), ".".join(new)


def _numbering(old: str, new: str) -> tuple[str, str]:
    """What names have in common with those that are numbered like them."""
    return re.sub(r"\d+$", "#", old), re.sub(r"\d+$", "#", new)


def _run(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} … {names[-1]}"
