"""What is different between two models, layer by layer and in total."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from graphcnn.collector import paused
from graphcnn.counts import Costs
from graphcnn.difference.match import match
from graphcnn.difference.tree import Branch, Leaf, Member, tree
from graphcnn.ir import Graph, Value
from graphcnn.model import CompiledModel
from graphcnn.size import UNKNOWN, Size
from graphcnn.size.terms import SizeTooComplex, SizeTooLarge
from graphcnn.summary import Summary, summarise


class Kind(StrEnum):
    """What became of a layer.

    One that ``CHANGED`` is itself written differently; one that is ``AFFECTED`` only has other
    shapes or costs, because of something before it. What is only called differently is ``RENAMED``.
    """

    CAME = "came"
    WENT = "went"
    CHANGED = "changed"
    AFFECTED = "affected"
    RENAMED = "renamed"


@dataclass(frozen=True, eq=False)
class Change:
    """What became of one layer; ``before`` or ``after`` is None where it is in one model alone.

    ``attributes`` holds what its author changed, each with both values (None where there is no such
    attribute), and ``notes`` what else is different in it. ``scope`` is the largest one that came
    or went with it.
    """

    kind: Kind
    before: Leaf | None
    after: Leaf | None
    attributes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    scope: Branch | None = None

    @property
    def leaf(self) -> Leaf:
        """The layer as it is, or as it was where it went."""
        leaf = self.after or self.before
        assert leaf is not None  # noqa: S101 - one of them is there
        return leaf

    @property
    def is_renamed(self) -> bool:
        return (
            self.before is not None
            and self.after is not None
            and self.before.full != self.after.full
        )

    @property
    def costs(self) -> Costs:
        """How much more the layer costs now."""
        return Costs(
            *(change(_cost(self.before, name), _cost(self.after, name)) for name in Costs._fields)
        )


def _cost(leaf: Leaf | None, name: str) -> Size:
    size: Size = 0 if leaf is None else getattr(leaf.layer, name)
    return size


def change(before: Size, after: Size) -> Size:
    """How much larger a size is; UNKNOWN where that has no short form."""
    try:
        return after - before
    except (SizeTooComplex, SizeTooLarge):
        return UNKNOWN


@dataclass(frozen=True)
class ModelDiff:
    """Two models: their figures, and what became of their layers.

    ``rewired`` says in words which outputs are values of other layers.
    """

    before: Summary
    after: Summary
    changes: tuple[Change, ...]
    rewired: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not self.changes and not self.rewired and _ends(self.before) == _ends(self.after)


def _ends(summary: Summary) -> tuple[object, ...]:
    return summary.inputs, summary.outputs, summary.training_outputs


@paused()
def compare(before: CompiledModel, after: CompiledModel) -> ModelDiff:
    """The difference between two models; the changes are in the order of ``after``'s graph.

    What went comes at the end. The costs of all changes add up to what the totals differ by.
    """
    old, new = summarise(before), summarise(after)
    matching = match(tree(before, old), tree(after, new))
    pairing = _Pairing(before.ir, after.ir, matching.pairs)
    changes = [found for a, b in matching.pairs if (found := pairing.change(a, b)) is not None]
    changes += _alone(matching.came, Kind.CAME)
    changes.sort(key=lambda one: one.leaf.at)
    changes += _alone(matching.went, Kind.WENT)
    rewired = pairing.outputs(before.ir, after.ir)
    return ModelDiff(old, new, tuple(changes), tuple(rewired))


def _alone(members: list[Member], kind: Kind) -> Iterator[Change]:
    for member in members:
        scope = member if isinstance(member, Branch) else None
        for leaf in sorted(member.leaves(), key=lambda leaf: leaf.at):
            before, after = (None, leaf) if kind is Kind.CAME else (leaf, None)
            yield Change(kind, before, after, scope=scope)


#: a value, by the ``id()`` of its node or the name of its input, and its port
_Key = tuple[int | str, int]


class _Pairing:
    """Which value of one model is which of the other, by the nodes that make them."""

    def __init__(self, before: Graph, after: Graph, pairs: list[tuple[Leaf, Leaf]]) -> None:
        self.nodes = {id(a.node): id(b.node) for a, b in pairs}
        self.known = {*self.nodes.values()} | (before.inputs.keys() & after.inputs.keys())

    def change(self, a: Leaf, b: Leaf) -> Change | None:
        attributes = _attributes(a, b)
        notes = (*self._notes(a, b),)
        if attributes or notes:
            return Change(Kind.CHANGED, a, b, attributes, notes)
        if _figures(a) != _figures(b):
            if a.layer.inputs == b.layer.inputs and a.node.owner is None and b.node.owner is None:
                return Change(Kind.CHANGED, a, b, {}, ("its op is declared with other rules",))
            return Change(Kind.AFFECTED, a, b)
        return Change(Kind.RENAMED, a, b) if a.full != b.full else None

    def _notes(self, a: Leaf, b: Leaf) -> Iterator[str]:
        """What is different in a layer beside its attributes, in words."""
        if a.what != b.what:
            yield f"{a.what} → {b.what}"
        if a.node.training_only != b.node.training_only:
            yield "now in training only" if b.node.training_only else "no longer in training only"
        old, new = a.node.owner, b.node.owner
        if new is None and old is not None:
            yield f"no longer shares the weights of {old.name}"
        elif new is not None and (old is None or self.nodes.get(id(old)) != id(new)):
            yield f"shares the weights of {new.name}"
        yield from self._rewired(a.node.inputs, b.node.inputs)

    def _rewired(self, before: tuple[Value, ...], after: tuple[Value, ...]) -> Iterator[str]:
        """Which inputs of a layer are values of other layers."""
        if len(before) == len(after):
            for one, other in zip(before, after, strict=True):
                if self._is_elsewhere(one, other):
                    yield f"takes {other}, not {one}"
            return
        old, new = [*map(self._then, before)], [*map(self._now, after)]
        for value, key in zip(after, new, strict=True):
            if key is not None and key not in old:
                yield f"takes {value} too"
        for value, key in zip(before, old, strict=True):
            if key is not None and key not in new:
                yield f"no longer takes {value}"

    def outputs(self, before: Graph, after: Graph) -> Iterator[str]:
        """The outputs that are values of other layers, in words."""
        for name, other in after.outputs.items():
            one = before.outputs.get(name)
            if one is None:
                continue
            if one.training_only != other.training_only:
                state = "now" if other.training_only else "no longer"
                yield f"output {name} is {state} one of training only"
            if self._is_elsewhere(one.value, other.value):
                yield f"output {name} is {other.value}, not {one.value}"

    def _is_elsewhere(self, one: Value, other: Value) -> bool:
        """Whether two values differ though each has its like in the other model.

        A layer that is put in between or taken out changes what the next one takes; that says
        nothing new.
        """
        then, now = self._then(one), self._now(other)
        return then is not None and now is not None and then != now

    def _then(self, value: Value) -> _Key | None:
        """What a value of the model before is in the one after; None where it is not there."""
        key = value.name if value.node is None else self.nodes.get(id(value.node))
        return (key, value.port) if key in self.known else None

    def _now(self, value: Value) -> _Key | None:
        """A value of the model after; None where it was not there before."""
        key = value.name if value.node is None else id(value.node)
        return (key, value.port) if key in self.known else None


def _attributes(a: Leaf, b: Leaf) -> dict[str, tuple[Any, Any]]:
    """What differs in what the author wrote; of different ops, in what both have."""
    names = [*{**b.attributes, **a.attributes}]
    if a.what != b.what:
        names = [name for name in names if name in a.attributes and name in b.attributes]
    values = {name: (a.attributes.get(name), b.attributes.get(name)) for name in names}
    return {name: (old, new) for name, (old, new) in values.items() if old != new}


def _figures(leaf: Leaf) -> tuple[object, ...]:
    layer = leaf.layer
    weights = tuple((name, weight.shape) for name, weight in leaf.node.facts.weights.items())
    costs = (layer.params, layer.buffers, layer.macs, layer.activations)
    return (layer.inputs, layer.outputs, costs, weights)
