"""A model as the tree of scopes that its names describe: what is compared with another."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

from graphcnn.ir import Node
from graphcnn.model import CompiledModel
from graphcnn.ops.attributes import Kind, Maybe, Padding, PerAxis
from graphcnn.ops.declared import Declared
from graphcnn.summary import Layer, Scope, Summary


@dataclass(slots=True, eq=False)
class Leaf:
    """A layer. ``name`` is the last part of its full name, ``at`` its place in the graph.

    Leaves of one ``signature`` do the same, whatever they are called and whatever they are given.
    """

    name: str
    at: int
    layer: Layer
    node: Node
    attributes: dict[str, Any]
    signature: Hashable
    derived: bool

    @property
    def full(self) -> str:
        return self.layer.name

    @property
    def what(self) -> str:
        return self.layer.op

    def leaves(self) -> Iterator[Leaf]:
        yield self


@dataclass(slots=True, eq=False)
class Branch:
    """A scope, by its full name ``full``; ``what`` is the block whose use it is, or empty."""

    name: str
    full: str
    what: str = ""
    members: dict[str, Leaf | Branch] = field(default_factory=dict)
    signature: Hashable = ()
    ops: Counter[str] = field(default_factory=Counter)
    signatures: Counter[Hashable] = field(default_factory=Counter)
    derived: bool = False

    def leaves(self) -> Iterator[Leaf]:
        """Its layers, in the order of the graph within each scope."""
        for member in self.members.values():
            yield from member.leaves()


Member = Leaf | Branch


def tree(model: CompiledModel, summary: Summary) -> Branch:
    """The scopes and layers of a model, whose figures are ``summary``."""
    uses = {scope.name: scope for scope in summary.scopes}
    root = Branch("", "")
    for at, (layer, node) in enumerate(zip(summary.layers, model.ir.nodes, strict=True)):
        *scopes, name = layer.name.split(".")
        branch = root
        for depth, part in enumerate(scopes, 1):
            branch = _inner(branch, part, ".".join(scopes[:depth]), uses)
        key = f"{name}." if name in branch.members else name  # beside a scope of its name
        branch.members[key] = _leaf(name, at, layer, node)
    _sign(root)
    return root


def _inner(branch: Branch, part: str, full: str, uses: dict[str, Scope]) -> Branch:
    found = branch.members.get(part)
    if isinstance(found, Leaf):  # a layer and a scope of one name
        part = f"{part}."
        found = branch.members.get(part)
    if not isinstance(found, Branch):
        what = uses[full].block if full in uses else ""
        found = Branch(part, full, what, derived=_is_derived(part, what))
        branch.members[part] = found
    return found


def _leaf(name: str, at: int, layer: Layer, node: Node) -> Leaf:
    attributes = _attributes(node)
    label = node.op.label or node.op.name
    signature = (layer.op, layer.training_only, *attributes.items())
    return Leaf(name, at, layer, node, attributes, signature, _is_derived(name, label))


def _is_derived(name: str, label: str) -> bool:
    """Whether a name was made from a place or an op, and moves when something is put before it."""
    return re.sub(r"\d+$", "", name) in ("", label)


def _sign(branch: Branch) -> None:
    """Fill in what is known of a scope once its members are."""
    parts: list[Hashable] = []
    for member in branch.members.values():
        if isinstance(member, Leaf):
            branch.ops[member.what] += 1
            branch.signatures[member.signature] += 1
        else:
            _sign(member)
            branch.ops.update(member.ops)
            branch.signatures.update(member.signatures)
        parts.append((None if member.derived else member.name, member.signature))
    # A number in place of the whole, which would be hashed again for every scope around it.
    branch.signature = (branch.what, hash(tuple(parts)))


def _attributes(node: Node) -> dict[str, Any]:
    """What the author set, or left as it is, with `[3, 3]` and `3` as one."""
    op = node.op
    if isinstance(op, Declared):
        return dict(op.values)
    return {
        name: _plain(declared.kind, getattr(op, name)) for name, declared in op.attributes().items()
    }


def _plain(kind: Kind, value: Any) -> Any:
    if isinstance(kind, Maybe):
        kind = kind.item
    if not isinstance(kind, (PerAxis, Padding)) or not isinstance(value, tuple):
        return value
    axes = {one[0] if isinstance(one, tuple) and one[0] == one[-1] else one for one in value}
    return axes.pop() if len(axes) == 1 else value
