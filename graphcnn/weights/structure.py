"""Matching by structure: which layer of a file is which of a model, where no name says so.

Shapes come first, then what kind a layer is, then how names end, then the order. An order says
something of layers of which one needs the other; of two that stand side by side only numbers in
their names do. What is left open is not matched.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from graphcnn.ir import Node

#: kinds of layers by the class or op that a file names, without the number of axes
KINDS: Final = {
    "conv": "conv",
    "depthwise_conv": "conv",
    "depthwise_convd": "conv",
    "convd": "conv",
    "convd_transpose": "conv_transpose",
    "conv_transpose": "conv_transpose",
    "dense": "linear",
    "einsum_dense": "linear",
    "gemm": "linear",
    "mat_mul": "linear",
    "batch_normalization": "batch_norm",
    "layer_normalization": "layer_norm",
    "group_normalization": "group_norm",
    "instance_normalization": "instance_norm",
    "p_re_lu": "prelu",
    "p_relu": "prelu",
    "multi_head_attention": "attention",
}
_OPS: Final = {"depthwise_conv": "conv", "separable_conv": "conv"}

#: what the projections of attention are called
_WORDS: Final = {"q": "query", "k": "key", "v": "value", "attention_output": "output"}
_GENERIC: Final = {"proj", "dense", "layer", "linear"}


@dataclass(frozen=True)
class Target:
    """A layer of the model, which is the whole of a node or a part of it."""

    name: str
    node: Node
    keys: tuple[str, ...]

    @property
    def kind(self) -> str:
        return _OPS.get(self.node.op.name, self.node.op.name)


@dataclass(frozen=True)
class Given:
    """A layer of a file, or a part of the layer ``owner``; ``kind`` is empty where it is not known.

    ``numbered`` says that its name, but for a number, is that of its class, so that the framework
    numbered the layers as they were made.
    """

    name: str
    kind: str
    names: tuple[str, ...]
    owner: str
    numbered: bool = False


@dataclass(frozen=True)
class Group:
    """Layers of equal shapes on both sides, in order; ``ordered`` says that only it decided.

    ``open`` says that nothing decides.
    """

    given: tuple[Given, ...]
    targets: tuple[Target, ...]
    ordered: bool = False
    open: bool = False


def kind_of(name: str) -> str:
    """The kind of a layer, by what its file calls its class; empty where that is unknown.

    >>> kind_of("conv2d_transpose"), kind_of("depthwise_conv1d"), kind_of("spectral_dense")
    ('conv_transpose', 'conv', '')
    """
    return KINDS.get(re.sub(r"\d+(?=d(_|$))", "", name), "")


def snake(name: str) -> str:
    """The name of a class as Keras makes names of it, which stands for all frameworks here.

    >>> snake("Conv2DTranspose"), snake("PReLU"), snake("MultiHeadAttention")
    ('conv2d_transpose', 'p_re_lu', 'multi_head_attention')
    """
    name = re.sub(r"\W+", "", name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


class Structure:
    """Divides layers of equal shapes until each has one place."""

    def __init__(
        self,
        nodes: Sequence[Node],
        needs: Mapping[str, frozenset[str]],
        *,
        alphabetical: bool,
        runs: bool,
    ) -> None:
        """``nodes`` are those of the model in order, ``needs`` what layers of the file need.

        An alphabetical file has no order; in one that ``runs`` no layer needs one behind it.
        """
        self._index = {node: at for at, node in enumerate(nodes)}
        self._before = _ancestors(nodes, self._index)
        self._needs = needs
        self._alphabetical = alphabetical
        self._runs = runs

    def divided(self, given: Sequence[Given], targets: Sequence[Target]) -> Iterator[Group]:
        """Groups of as many layers of the file as of the model."""
        for some, places in self._by_kind(given, targets):
            for one, other in _by_ends(some, places, 1):
                yield self._in_order(one, other)

    def _by_kind(
        self, given: Sequence[Given], targets: Sequence[Target]
    ) -> Iterator[tuple[list[Given], list[Target]]]:
        """Layers by their kinds, where the file says those of all."""
        if not all(one.kind for one in given):
            yield [*given], [*targets]
            return
        for kind in dict.fromkeys(target.kind for target in targets):
            some = [one for one in given if one.kind == kind]
            places = [target for target in targets if target.kind == kind]
            if len(some) == len(places):
                yield some, places

    def _in_order(self, given: list[Given], targets: list[Target]) -> Group:
        """Layers one by one, by the numbers in their names or as the file has them."""
        if len(given) == 1:
            return Group(tuple(given), tuple(targets))
        patterns = {pattern(one.name) for one in given}
        unclear = len({target.kind for target in targets}) > 1
        if self._alphabetical:
            unclear = unclear or len(patterns) > 1
            given = sorted(given, key=lambda one: natural(one.name))
        elif len(patterns) == 1 and (not self._runs or all(one.numbered for one in given)):
            made = sorted(given, key=lambda one: natural(one.name))
            if self._refuted(made, given, targets):
                unclear = unclear or not self._in_a_row(targets)
            else:
                given = made
        decided = not unclear and all(
            (self._follows(a, b) or _counted(one, other)) and self._alike(one, other, a, b)
            for (one, a), (other, b) in combinations(zip(given, targets, strict=True), 2)
        )
        return Group(tuple(given), tuple(targets), ordered=True, open=not decided)

    def _refuted(
        self, made: Sequence[Given], given: Sequence[Given], targets: Sequence[Target]
    ) -> bool:
        """Whether by its number a layer would need one that the file has behind it."""
        if not self._runs:
            return False
        place = {one.name: at for at, one in enumerate(given)}
        return any(
            self._follows(a, b) and place[one.name] > place[other.name]
            for (one, a), (other, b) in combinations(zip(made, targets, strict=True), 2)
        )

    def _alike(self, one: Given, other: Given, a: Target, b: Target) -> bool:
        """Whether of two layers the second needs the first in the file as in the model."""
        if one.owner not in self._needs or other.owner not in self._needs:
            return True
        return self._follows(a, b) == (one.owner in self._needs[other.owner])

    def _in_a_row(self, targets: Sequence[Target]) -> bool:
        return all(self._follows(a, b) for a, b in combinations(targets, 2))

    def _follows(self, a: Target, b: Target) -> bool:
        """Whether the second of two layers needs the first."""
        return bool(self._before[b.node] >> self._index[a.node] & 1)


def _counted(one: Given, other: Given) -> bool:
    """Whether two layers have one name but for numbers, which are in order."""
    return pattern(one.name) == pattern(other.name) and natural(one.name) < natural(other.name)


def _by_ends(
    given: Sequence[Given], targets: Sequence[Target], depth: int
) -> Iterator[tuple[list[Given], list[Target]]]:
    """Layers by how their names end, where as many of the file as of the model end alike."""
    ends: dict[str, tuple[list[Given], list[Target]]] = defaultdict(lambda: ([], []))
    for one in given:
        ends[_end(one.name, depth)][0].append(one)
    for target in targets:
        ends[_end(target.name, depth)][1].append(target)
    rest: tuple[list[Given], list[Target]] = ([], [])
    for end, (some, places) in ends.items():
        if end and len(some) == len(places):
            alone = len(some) == 1
            yield from [(some, places)] if alone else _by_ends(some, places, depth + 1)
        else:
            rest[0].extend(some)
            rest[1].extend(places)
    if rest[0]:
        order = {id(one): at for at, one in enumerate((*given, *targets))}
        yield (
            sorted(rest[0], key=lambda o: order[id(o)]),
            sorted(rest[1], key=lambda o: order[id(o)]),
        )


def _end(name: str, depth: int) -> str:
    """The word at a place from the end of a layer's name, numbers left out; empty beyond it.

    >>> _end("layer1.0.conv2", 1), _end("mha_3/query_dense", 1), _end("blocks.0.q_proj", 1)
    ('conv#', 'query', 'query')
    """
    words: list[str] = []
    for part in re.split(r"[./]", name.lower()):
        pieces = [re.sub(r"\d+", "#", one) for one in part.split("_") if not one.isdecimal()]
        joined = "_".join(pieces)
        if len(pieces) > 1 and pieces[-1] in _GENERIC:
            joined = "_".join(pieces[:-1])
        words += [_WORDS.get(joined, joined)] if joined else []
    return words[-depth] if depth <= len(words) else ""


def pattern(name: str) -> str:
    """A name without the numbers at the end of each of its parts.

    >>> pattern("conv2d_12"), pattern("blocks.3.conv1"), pattern("conv2_block1_0_conv")
    ('conv2d', 'blocks..conv', 'conv2_block1_0_conv')
    """
    return re.sub(r"_?\d+(?=[./]|$)", "", name)


def natural(name: str) -> list[tuple[int, int, str]]:
    """Sorts names so that 10 comes behind 9."""
    return [
        (0, int(piece), "") if piece.isdecimal() and len(piece) < 20 else (1, 0, piece)
        for piece in re.findall(r"\d+|\D+", name)
    ]


def _ancestors(nodes: Sequence[Node], index: Mapping[Node, int]) -> Mapping[Node, int]:
    """For each node those that it needs, as bits."""
    found: dict[Node, int] = {}
    for node in nodes:
        bits = 0
        for value in node.inputs:
            if value.node is not None:
                bits |= found[value.node] | 1 << index[value.node]
        found[node] = bits
    return found
