"""Names of nodes, from the scopes that they were written in (language.md, section 6).

An id opens a scope. Without one, an op in a `graph` is called after itself and counted
(`conv1`, `bn1`, `conv2`, `fc`); members of a `sequence`, and of a `repeat` with an id, are
numbered from 0. `residual`, `branches`, `for`, a `graph` without an id and a `repeat` without
one are transparent: what they hold is named as if it stood around them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from graphcnn.diagnostics import Diagnostic
from graphcnn.ir import (
    BlockItem,
    Body,
    BranchesItem,
    DenseItem,
    ForItem,
    Graph,
    GroupItem,
    Item,
    Node,
    OpItem,
    RepeatItem,
    ResidualItem,
)
from graphcnn.ops.base import Op
from graphcnn.source import Span

MAX_LENGTH: Final = 500
"""Characters of a full name: a scope's name is a part of the name of all that it holds."""


def assign_names(graph: Graph) -> Diagnostic | None:
    """Give every node its full name, such as `layer1.0.conv1`, and every scope its own.

    Returns what to report where a name is too long; nothing else can go wrong.
    """
    top = _Scope("", "graph", graph.inputs)
    top.add_body(graph.body)
    # One scope at a time, and those inside it next: those of a long repeat are many.
    waiting: list[Iterator[_Scope]] = [iter((top,))]
    while waiting:
        scope = next(waiting[-1], None)
        if scope is None:
            waiting.pop()
            continue
        if len(scope.prefix) > MAX_LENGTH and not scope.is_empty():
            message = f"scopes in scopes make names of more than {MAX_LENGTH} characters"
            help = "give some of them shorter ids"
            return Diagnostic("too-long", message, _span(scope), help=help)
        waiting.append(scope.close())
    return None


def _span(scope: _Scope) -> Span:
    """Somewhere inside a scope."""
    member = next(scope.members())
    if isinstance(member, Node):
        return member.span
    return (member.body.statements[0] if isinstance(member, _Path) else member.statement).key.span


@dataclass(slots=True, eq=False)
class _Path:
    """Several statements of a named branch: a scope that no item stands for."""

    body: Body


_Opening = Item | _Path
_Member = Node | _Opening


class _Scope:
    """The members of one scope; they are named when all of them are known."""

    __slots__ = ("_by_id", "_by_label", "_count", "_taken", "kind", "prefix")

    def __init__(self, prefix: str, kind: str, taken: Iterable[str] = ()) -> None:
        self.prefix = prefix
        self.kind = kind
        self._by_id: list[tuple[str, _Member]] = []
        self._by_label: list[tuple[str, bool, _Member]] = []
        self._count = 0
        self._taken = set(taken)

    def members(self) -> Iterator[_Member]:
        yield from (member for _, member in self._by_id)
        yield from (member for _, _, member in self._by_label)

    def is_empty(self) -> bool:
        return next(self.members(), None) is None

    # what is in it

    def add_body(self, body: Body) -> None:
        for item in body.items:
            if item is not None:
                self.add(item)

    def add(self, item: Item) -> None:
        if type(item) is OpItem:
            op = item.node.op
            self._member(item.id, op.label or op.name, op.numbered, item.node)
        elif type(item) is BlockItem:
            self._member(item.id, item.label, False, item)
        elif item.id is not None or (type(item) is GroupItem and not self._sees_through(item)):
            label = item.kind if type(item) is GroupItem else ""
            self._member(item.id, label, False, item)
        else:
            self.add_members(item)

    def _sees_through(self, group: GroupItem) -> bool:
        return group.kind == "graph" and self.kind == "graph"

    def add_members(self, item: Item) -> None:
        """What an item holds, as members of this scope."""
        if isinstance(item, (BlockItem, GroupItem)):
            self.add_body(item.body)
        elif isinstance(item, RepeatItem):
            for one in item.items:
                self.add(one)
        elif isinstance(item, ForItem):
            for _, body in item.iterations:
                self.add_body(body)
        elif isinstance(item, BranchesItem):
            for name, body in item.paths:
                self._add_path(name, body)
            self._add_merge(item.merge)
        elif isinstance(item, ResidualItem):
            self.add_body(item.body)
            if item.shortcut is not None:
                self.add_body(item.shortcut)
            self._add_merge(item.merge)
        elif isinstance(item, DenseItem):
            self.add_body(item.body)
            self._add_merge(item.merge)

    def _add_path(self, name: str | None, body: Body) -> None:
        only = body.items[0] if body.single else None
        if name is None or (body.single and only is None):
            self.add_body(body)
        elif only is not None:
            only.id = name
            self.add(only)
        else:
            self._member(name, "", False, _Path(body))

    def _add_merge(self, node: Node | None) -> None:
        """A node that no statement stands for, such as the sum of a residual."""
        if node is not None:
            self._by_label.append((label_of(node.op), False, node))

    def _member(self, name: str | None, label: str, numbered: bool, member: _Member) -> None:
        """One thing the author wrote: by its id, its place in a sequence, or after itself."""
        if name is not None:
            self._by_id.append((name, member))
        elif self.kind == "sequence":
            self._by_id.append((str(self._count), member))
        else:
            self._by_label.append((label, numbered, member))
        self._count += 1

    # naming

    def close(self) -> Iterator[_Scope]:
        """Name the members; yields the scopes that they open."""
        prefix, taken = self.prefix, self._taken
        for name, member in self._by_id:
            taken.add(name)
            if isinstance(member, Node):
                member.name = prefix + name
            else:
                yield _opened(member, prefix + name)
        total = Counter(label for label, _, _ in self._by_label)
        count: Counter[str] = Counter()
        for label, numbered, member in self._by_label:
            name = label
            if numbered or total[label] > 1 or label in taken:
                count[label] += 1
                while (name := f"{label}{count[label]}") in taken:
                    count[label] += 1
            taken.add(name)
            if isinstance(member, Node):
                member.name = prefix + name
            else:
                yield _opened(member, prefix + name)


def _opened(member: _Opening, name: str) -> _Scope:
    """The scope that a member opens under its full name."""
    if isinstance(member, _Path):
        member.body.name = name
        scope = _Scope(f"{name}.", "sequence")
        scope.add_body(member.body)
        return scope
    kind = "graph"
    if isinstance(member, BlockItem):
        kind = member.block.kind
    elif isinstance(member, GroupItem):
        kind = member.kind
    elif isinstance(member, RepeatItem):
        kind = "sequence"
    member.name = name
    scope = _Scope(f"{name}.", kind)
    scope.add_members(member)
    return scope


def label_of(op: Op) -> str:
    """What an op without an id is called: `bn` for a batch norm."""
    return op.label or op.name
