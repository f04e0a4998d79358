"""Which layer of one model is which layer of another.

Scopes are aligned before what is in them, so that a layer that is put into the middle of a numbered
sequence is one that came, though all behind it have other numbers. A name that an author gave
counts for much, one that was made from a number for little.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from graphcnn.difference.align import align
from graphcnn.difference.tree import Branch, Leaf, Member

H = TypeVar("H", bound=Hashable)

# How well two members of a scope fit: what they are counts most, then an author's name for them.
_SAME, _ALIKE, _RELATED = 8.0, 3.0, 1.0
_NAMED, _NUMBERED = 3.0, 0.25


@dataclass
class Matching:
    """Pairs of layers, and what is in one model alone: layers, or whole scopes of them."""

    pairs: list[tuple[Leaf, Leaf]] = field(default_factory=list)
    went: list[Member] = field(default_factory=list)
    came: list[Member] = field(default_factory=list)


def match(before: Branch, after: Branch) -> Matching:
    """What belongs together in two models; the same whichever of them comes first."""
    if _rank(after) < _rank(before):  # of equally good alignments, one has to be the one
        found = _match(after, before)
        return Matching([(a, b) for b, a in found.pairs], found.came, found.went)
    return _match(before, after)


def _rank(branch: Branch) -> tuple[int, list[str]]:
    leaves = [*branch.leaves()]
    return len(leaves), [f"{leaf.full} {leaf.signature}" for leaf in leaves]


def _match(before: Branch, after: Branch) -> Matching:
    pairs = [*_within(before, after)]
    pairs += _moved(before, after, pairs)
    old, new = {a for a, _ in pairs}, {b for _, b in pairs}
    return Matching(pairs, [*_without(before, old)], [*_without(after, new)])


def _within(before: Branch, after: Branch) -> Iterator[tuple[Leaf, Leaf]]:
    """The layers that fit in scopes that fit."""
    waiting = [(before, after)]
    while waiting:
        one, other = waiting.pop()
        for a, b in _aligned([*one.members.values()], [*other.members.values()]):
            if isinstance(a, Branch) and isinstance(b, Branch):
                waiting.append((a, b))
            elif isinstance(a, Leaf) and isinstance(b, Leaf):
                yield a, b


def _aligned(before: list[Member], after: list[Member]) -> Iterator[tuple[Member, Member]]:
    if [(a.name, a.what, type(a)) for a in before] == [(b.name, b.what, type(b)) for b in after]:
        yield from zip(before, after, strict=True)
        return
    for i, j in align(before, after, _key, _kind, _score):
        yield before[i], after[j]


def _key(member: Member) -> Hashable:
    return type(member), None if member.derived else member.name, member.signature


def _kind(member: Member) -> Hashable:
    return type(member), member.what


def _score(a: Member, b: Member) -> float:
    named = 0.0 if a.name != b.name else _NUMBERED if a.derived else _NAMED
    if isinstance(a, Leaf) and isinstance(b, Leaf):
        return _score_of_layers(a, b, named)
    if isinstance(a, Branch) and isinstance(b, Branch):
        return _score_of_scopes(a, b, named)
    return 0.0


def _score_of_layers(a: Leaf, b: Leaf, named: float) -> float:
    if a.signature == b.signature:
        return _SAME + named
    if a.what == b.what:
        names = a.attributes.keys() | b.attributes.keys()
        same = sum(bool(a.attributes.get(name) == b.attributes.get(name)) for name in names)
        return _ALIKE + named + same / max(len(names), 1)
    related = a.node.op.group == b.node.op.group
    return _RELATED + named if related or named == _NAMED else 0.0


def _score_of_scopes(a: Branch, b: Branch, named: float) -> float:
    if a.signature == b.signature:
        return _SAME + named
    ops = _overlap(a.ops, b.ops)
    if a.what != b.what and named < _NAMED and ops < 0.5:
        return 0.0
    same_block = float(a.what == b.what != "")
    return _RELATED + named + same_block + 2 * ops + 2 * _overlap(a.signatures, b.signatures)


def _overlap(a: Counter[H], b: Counter[H]) -> float:
    """How much of the larger of two collections is in both."""
    common = sum(min(count, b[one]) for one, count in a.items() if one in b)
    return common / max(a.total(), b.total())


def _moved(
    before: Branch, after: Branch, pairs: list[tuple[Leaf, Leaf]]
) -> Iterator[tuple[Leaf, Leaf]]:
    """Layers that went into another scope, such as a `sequence` that was put around them.

    They do the same, and stand beside layers that belong together too: a `relu` that goes here and
    one that comes there are not one that moved.
    """
    partner = {a.at: b.at for a, b in pairs}
    taken = set(partner.values())
    every = sorted(before.leaves(), key=_place), sorted(after.leaves(), key=_place)
    old = [leaf for leaf in every[0] if leaf.at not in partner]
    new = [leaf for leaf in every[1] if leaf.at not in taken]
    found = [(old[i], new[j]) for i, j in align(old, new, _work, _work, _same_work)]
    partner |= {a.at: b.at for a, b in found}
    partner |= {-1: -1, len(every[0]): len(every[1])}
    for a, b in found:
        if partner.get(a.at - 1) == b.at - 1 or partner.get(a.at + 1) == b.at + 1:
            yield a, b


def _place(leaf: Leaf) -> int:
    return leaf.at


def _work(leaf: Leaf) -> Hashable:
    return leaf.signature, leaf.layer.inputs


def _same_work(a: Leaf, b: Leaf) -> float:
    return float(_work(a) == _work(b))


def _without(branch: Branch, matched: set[Leaf]) -> Iterator[Member]:
    """The largest scopes, and the layers beside them, in which nothing is matched."""
    for member in branch.members.values():
        if isinstance(member, Leaf):
            if member not in matched:
                yield member
        elif matched.isdisjoint(member.leaves()):
            yield member
        else:
            yield from _without(member, matched)
