"""The layers of a summary as the tree of scopes that their names describe, and as rows of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from graphcnn.ops.base import Shape
from graphcnn.size import Size
from graphcnn.summary import Layer, Scope, Summary

_RUNS = 3  # kinds of members that the label of a scope names


@dataclass(frozen=True)
class Row:
    """A layer, or a scope with what its layers come to together."""

    depth: int
    name: str
    label: str
    outputs: tuple[Shape, ...]
    params: Size
    macs: Size
    place: str
    is_scope: bool = False


@dataclass
class _Branch:
    """A scope of the tree; ``use`` is the use of a block that opened it, where one did."""

    use: Scope | None = None
    members: dict[str, _Branch | Layer] = field(default_factory=dict)

    def layers(self) -> Iterator[Layer]:
        for member in self.members.values():
            if isinstance(member, Layer):
                yield member
            else:
                yield from member.layers()

    def uses(self) -> Iterator[Scope]:
        """Its use of a block, or those that follow one another in it."""
        if self.use is not None:
            yield self.use
        else:
            for member in self.members.values():
                if isinstance(member, _Branch):
                    yield from member.uses()

    def label(self) -> str:
        """What it is: the block's name, or how often which blocks follow one another in it."""
        if self.use is not None:
            return self.use.block
        members = [*self.members.values()]
        if not all(isinstance(member, _Branch) and member.use for member in members):
            return ""
        runs = [(label, len([*run])) for label, run in groupby(map(_label_of, members))]
        if len(runs) > _RUNS:
            return ""
        return " + ".join(f"{n} x {label}" if n > 1 else label for label, n in runs)


def _label_of(member: _Branch | Layer) -> str:
    return member.op if isinstance(member, Layer) else member.label()


def rows(summary: Summary, depth: int | None = None) -> Iterator[Row]:
    """The tree, line by line; scopes that are ``depth`` deep are folded into one line each."""
    yield from _rows(_tree(summary), summary.file, 0, depth)


def _tree(summary: Summary) -> _Branch:
    uses = {scope.name: scope for scope in summary.scopes}
    root = _Branch()
    for layer in summary.layers:
        *scopes, name = layer.name.split(".")
        branch = root
        for at, part in enumerate(scopes, 1):
            if part in branch.members:
                inner = branch.members[part]
            else:
                inner = branch.members[part] = _Branch(uses.get(".".join(scopes[:at])))
            if isinstance(inner, Layer):  # a layer and a scope of one name: shown side by side
                inner = branch.members[f"{part}."] = _Branch()
            branch = inner
        branch.members[name] = layer
    return root


def _rows(branch: _Branch, file: str, depth: int, limit: int | None) -> Iterator[Row]:
    for name, member in branch.members.items():
        if isinstance(member, Layer):
            place = _place(member.file, member.line, file)
            yield Row(depth, name, member.op, member.outputs, member.params, member.macs, place)
            continue
        yield _scope(name, member, file, depth)
        if limit is None or depth + 1 < limit:
            yield from _rows(member, file, depth + 1, limit)


def _scope(name: str, branch: _Branch, file: str, depth: int) -> Row:
    layers = [*branch.layers()]
    params: Size = 0
    macs: Size = 0
    for layer in layers:
        params, macs = params + layer.params, macs + layer.macs
    # A repeated statement is one place; several places are those of the scope's members.
    places = {_place(use.file, use.line, file) for use in branch.uses()}
    place = places.pop() if len(places) == 1 else ""
    return Row(depth, name, branch.label(), layers[-1].outputs, params, macs, place, is_scope=True)


def _place(file: str, line: int, main: str) -> str:
    return str(line) if file == main else f"{file}:{line}"
