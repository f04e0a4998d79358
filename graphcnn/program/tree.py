"""What a program is made of. Nothing here is evaluated: values are terms, to be used in place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graphcnn.expression import Expr
from graphcnn.ops import BY_NAME
from graphcnn.ops.base import Op
from graphcnn.ops.declared import Declaration
from graphcnn.schema import Report
from graphcnn.source import SourceFile, Span
from graphcnn.syntax import Mapping as MappingNode
from graphcnn.syntax import Node, Scalar

HEADER = ("id", "from", "repeat", "when", "doc")
STRUCTURES = ("sequence", "graph", "residual", "branches", "dense", "for", "use", "reuse")
PARAMETER_TYPES = {"int", "float", "bool", "str", "list", "any"}

#: What a statement's op name stands for: a class of the table, or an author's declaration.
OpKind = type[Op] | Declaration


@dataclass(frozen=True, slots=True)
class Term:
    """A value in the spec: a constant, or an expression to be evaluated where it is used."""

    node: Node
    value: Any

    @property
    def computed(self) -> bool:
        return isinstance(self.value, Expr)


@dataclass(frozen=True, slots=True, eq=False)
class OpUse:
    op: OpKind
    attributes: dict[str, Term]


@dataclass(frozen=True, slots=True, eq=False)
class BlockUse:
    name: str
    arguments: dict[str, Term]
    keys: dict[str, Scalar]


@dataclass(frozen=True, slots=True, eq=False)
class ComputedUse:
    """``use: $block``: an op or block whose name is known only in place."""

    name: Term
    arguments: dict[str, Term]
    keys: dict[str, Scalar]


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    kind: str  # sequence or graph
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Residual:
    body: tuple[Statement, ...]
    shortcut: tuple[Statement, ...] | None
    skip: Term | None
    merge: Term | None


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """One of several branches; ``single`` is a lone statement, which takes the path's name."""

    name: Scalar | None
    body: tuple[Statement, ...]
    single: bool
    node: Node


@dataclass(frozen=True, slots=True, eq=False)
class Branches:
    paths: tuple[Path, ...]
    merge: Term | None


@dataclass(frozen=True, slots=True, eq=False)
class Dense:
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class For:
    names: tuple[tuple[Scalar, Term], ...]
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Reuse:
    target: Term


@dataclass(frozen=True, slots=True, eq=False)
class Broken:
    """A statement with an error that was reported.

    ``meant`` is what it probably says: what follows is checked as if it had said so.
    """

    meant: OpUse | BlockUse | None = None


Action = OpUse | BlockUse | ComputedUse | Group | Residual | Branches | Dense | For | Reuse | Broken


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    node: Node
    key: Node  # the op's own name, where diagnostics point
    action: Action
    id: Term | None = None
    source: tuple[Term, ...] | Term | None = None
    repeat: Term | None = None
    when: Term | None = None
    doc: str | None = None
    span: Span = field(init=False)  # of the key: all nodes that come of the statement share it

    def __post_init__(self) -> None:
        object.__setattr__(self, "span", self.key.span)

    def bodies(self) -> Iterator[tuple[Statement, ...]]:
        """The lists of statements that this one holds."""
        action = self.action
        if isinstance(action, (Group, Dense, For)):
            yield action.body
        elif isinstance(action, Residual):
            yield action.body
            if action.shortcut is not None:
                yield action.shortcut
        elif isinstance(action, Branches):
            yield from (path.body for path in action.paths)


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """``default`` is None where a type is given instead: the parameter is required."""

    name: str
    key: Scalar
    default: Term | None
    type: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    name: str
    key: Scalar
    node: Node
    doc: str | None
    parameters: dict[str, Parameter]
    let: dict[str, Term]
    inputs: tuple[str, ...] | None
    kind: str
    body: tuple[Statement, ...]
    outputs: dict[str, Term] | None
    program: Program

    @property
    def owner(self) -> str:
        """Whose its parameters are, in a message."""
        return f"block `{self.name}`"

    @property
    def input_names(self) -> tuple[str, ...]:
        return ("x",) if self.inputs is None else self.inputs


@dataclass(frozen=True, slots=True, eq=False)
class Output:
    name: str
    key: Scalar
    source: Term
    training_only: bool


@dataclass(frozen=True, slots=True, eq=False)
class Import:
    """An entry of `imports`: a file by its path, and what it sets of that file's parameters."""

    node: Node
    path: Scalar
    settings: dict[str, Term]
    keys: dict[str, Scalar]

    @property
    def owner(self) -> str:
        """Whose parameters they are, in a message."""
        return f"`{self.path.value}`"


@dataclass(slots=True, eq=False, repr=False)
class Program:
    """One file, read; blocks and ops of its imports are added to its own.

    ``blocks`` and ``ops`` hold what statements may use. A block belongs to the program whose
    file defines it, and its names mean what they mean there. ``endless`` are the blocks that
    use themselves, or one that does, with nothing to stop it; ``report`` is what the JSON Schema
    has refused. ``imported`` are the entries of ``imports`` with their programs, None for one that
    has failed. ``ambiguous`` are names that two imports bring from further away, with the paths of
    both. ``hidden`` are names of blocks and ops that are defined, but with mistakes, ``lost`` those
    of values; without an import the program is not ``complete``, and any name may be one of that
    file's. Where the inputs are ``unnamed``, any name may be one of theirs.

    An import that sets parameters has a program of its own, a copy of the ``original``. ``entry``
    is that import and ``importer`` the program that has it, whose names its settings see.
    ``copied`` says how much such copies took.
    """

    file: SourceFile
    root: MappingNode
    name: str = "model"
    title: str | None = None
    doc: str | None = None
    source: str | None = None
    parameters: dict[str, Parameter] = field(default_factory=dict)
    variants: dict[str, dict[str, Term]] = field(default_factory=dict)
    let: dict[str, Term] = field(default_factory=dict)
    defaults: dict[str, dict[str, Term]] = field(default_factory=dict)
    inputs: dict[str, tuple[Scalar, Node]] = field(default_factory=dict)
    blocks: dict[str, Block] = field(default_factory=dict)
    ops: dict[str, Declaration] = field(default_factory=dict)
    body: tuple[Statement, ...] | None = None
    outputs: dict[str, Output] | None = None
    imports: tuple[Import, ...] = ()
    imported: tuple[tuple[Import, Program | None], ...] = ()
    original: Program | None = None
    importer: Program | None = None
    entry: Import | None = None
    copied: int = 0
    ambiguous: dict[str, tuple[str, str]] = field(default_factory=dict)
    endless: frozenset[Block] = frozenset()
    report: Report = field(default_factory=Report)
    hidden: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()
    unnamed: bool = False
    complete: bool = True

    @property
    def refused(self) -> frozenset[int]:
        """The ``id()`` of each syntax node that the JSON Schema has refused."""
        return self.report.bad

    def op(self, name: str) -> OpKind | None:
        return self.ops.get(name) or BY_NAME.get(name)

    def programs(self) -> list[Program]:
        """The program itself, and those that it imports, directly or not; each once."""
        found = {self: None}
        waiting = [self]
        while waiting:
            others = [one for _, one in waiting.pop().imported if one is not None]
            new = [one for one in others if one not in found]
            found.update(dict.fromkeys(new))
            waiting += new
        return [*found]

    def files(self) -> list[SourceFile]:
        """The file itself, and those that it imports, directly or not; each once."""
        return [*dict.fromkeys(one.file for one in self.programs())]

    def names(self) -> list[str]:
        """Every name that a statement can use."""
        return [*BY_NAME, *self.ops, *self.blocks, *STRUCTURES]


def walk(statements: tuple[Statement, ...]) -> Iterator[Statement]:
    """Every statement in a list and in those that it holds, in the order of the file."""
    for statement in statements:
        yield statement
        for body in statement.bodies():
            yield from walk(body)
