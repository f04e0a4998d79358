"""Names of nodes, from the scopes that they were written in (language.md, section 6).

An id opens a scope. Without one, an op in a `graph` is called after itself and counted
(`conv1`, `bn1`, `conv2`, `fc`); members of a `sequence`, and of a `repeat` with an id, are
numbered from 0. `residual`, `branches`, `for`, a `graph` without an id and a `repeat` without
one are transparent: what they hold is named as if it stood around them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from graphcnn.ir import (
    BlockItem,
    Body,
    BranchesItem,
    DenseItem,
    ForItem,
    GroupItem,
    Item,
    Node,
    OpItem,
    RepeatItem,
    ResidualItem,
)
from graphcnn.ops.base import Op

Assign = Callable[[str], None]


class _Scope:
    """The members of one scope; they are named when all of them are known."""

    def __init__(self, prefix: str, kind: str) -> None:
        self.prefix = prefix
        self.kind = kind
        self.named: list[tuple[str, Assign]] = []
        self.labelled: list[tuple[str, bool, Assign]] = []
        self.members = 0

    def member(self, id: str | None, label: str, numbered: bool, assign: Assign) -> None:
        """One thing the author wrote: by its id, its place in a sequence, or after itself."""
        if id is not None:
            self.named.append((id, assign))
        elif self.kind == "sequence":
            self.named.append((str(self.members), assign))
        else:
            self.labelled.append((label, numbered, assign))
        self.members += 1

    def joint(self, label: str, assign: Assign) -> None:
        """A node that no statement stands for, such as the sum of a residual."""
        self.labelled.append((label, False, assign))

    def close(self) -> None:
        taken = {name for name, _ in self.named}
        for name, assign in self.named:
            assign(f"{self.prefix}{name}")
        total = Counter(label for label, _, _ in self.labelled)
        count: Counter[str] = Counter()
        for label, numbered, assign in self.labelled:
            name = label
            if numbered or total[label] > 1 or label in taken:
                count[label] += 1
                while (name := f"{label}{count[label]}") in taken:
                    count[label] += 1
            assign(f"{self.prefix}{name}")


def assign_names(body: Body) -> None:
    """Give every node under ``body`` its full name, such as `layer1.0.conv1`."""
    _name_scope(body, "", "graph")


def _name_scope(body: Body, prefix: str, kind: str) -> None:
    scope = _Scope(prefix, kind)
    _collect(body, scope)
    scope.close()


def _collect(body: Body, scope: _Scope) -> None:
    for item in body.items:
        if item is not None:
            _add(item, scope)


def _name_node(node: Node) -> Assign:
    def assign(name: str) -> None:
        node.name = name

    return assign


def _inner(item: Item, body: Body, kind: str) -> Assign:
    def assign(name: str) -> None:
        item.name = name
        _name_scope(body, f"{name}.", kind)

    return assign


def label_of(op: Op) -> str:
    """What an op without an id is called: `bn` for a batch norm."""
    return op.label or op.name


def _add(item: Item, scope: _Scope) -> None:
    if isinstance(item, OpItem):
        op = item.node.op
        scope.member(item.id, label_of(op), op.numbered, _name_node(item.node))
    elif isinstance(item, BlockItem):
        scope.member(item.id, item.label, False, _inner(item, item.body, item.block.kind))
    elif isinstance(item, GroupItem):
        if item.id is None and item.kind == "graph" and scope.kind == "graph":
            _collect(item.body, scope)
        else:
            scope.member(item.id, item.kind, False, _inner(item, item.body, item.kind))
    elif isinstance(item, RepeatItem):
        _repeat(item, scope)
    elif isinstance(item, ForItem):
        for _, body in item.iterations:
            _collect(body, scope)
    else:
        _structure(item, scope)


def _repeat(item: RepeatItem, scope: _Scope) -> None:
    if item.id is None:
        for one in item.items:
            _add(one, scope)
        return

    def assign(name: str) -> None:
        item.name = name
        inner = _Scope(f"{name}.", "sequence")
        for one in item.items:
            _add(one, inner)
        inner.close()

    scope.member(item.id, "", False, assign)


def _structure(item: Item, scope: _Scope) -> None:
    """Transparent structures; with an id of their own they open a scope."""
    if item.id is not None:

        def assign(name: str) -> None:
            item.name = name
            inner = _Scope(f"{name}.", "graph")
            _structure_members(item, inner)
            inner.close()

        scope.member(item.id, "", False, assign)
    else:
        _structure_members(item, scope)


def _structure_members(item: Item, scope: _Scope) -> None:
    merge: Node | None = None
    if isinstance(item, ResidualItem):
        merge = item.merge
        _collect(item.body, scope)
        if item.shortcut is not None:
            _collect(item.shortcut, scope)
    elif isinstance(item, BranchesItem):
        merge = item.merge
        for name, body in item.paths:
            _path(name, body, scope)
    elif isinstance(item, DenseItem):
        merge = item.merge
        _collect(item.body, scope)
    if merge is not None:
        scope.joint(label_of(merge.op), _name_node(merge))


def _path(name: str | None, body: Body, scope: _Scope) -> None:
    if name is None:
        _collect(body, scope)
    elif len(body.items) == 1 and body.items[0] is not None and body.single:
        only = body.items[0]
        only.id = name
        _add(only, scope)
    else:

        def assign(full: str) -> None:
            body.name = full
            _name_scope(body, f"{full}.", "sequence")

        scope.member(name, "", False, assign)
