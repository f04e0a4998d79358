"""A spec as a program: statements, blocks and parameters, read from the syntax tree.

What the JSON Schema cannot know is settled here without evaluating anything: which op or block
a statement means, and that every expression parses. The builder is total: what the schema has
already refused (``bad``) becomes UNKNOWN or is left out, so that one mistake is reported once
and everything else in the file is still looked at.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from graphcnn.diagnostics import Diagnostic, did_you_mean
from graphcnn.expression import Const, Expr, ExpressionError, ListOf, parse_text
from graphcnn.ops import BY_NAME
from graphcnn.ops.base import Attribute, Op
from graphcnn.ops.declared import Declaration
from graphcnn.size import UNKNOWN
from graphcnn.source import SourceFile, Span
from graphcnn.syntax import Mapping as MappingNode
from graphcnn.syntax import Node, Scalar
from graphcnn.syntax import Sequence as SequenceNode

HEADER = ("id", "from", "repeat", "when", "doc")
STRUCTURES = ("sequence", "graph", "residual", "branches", "dense", "for", "use", "reuse")
PARAMETER_TYPES = {"int", "float", "bool", "str", "list", "any"}


class OpKind(Protocol):
    """What a statement's op name stands for: a class of the table, or an author's declaration."""

    name: Any
    main: Any
    arity: Any
    ranks: Any

    def attributes(self) -> Mapping[str, Attribute]: ...

    def __call__(self, **attributes: Any) -> Op: ...


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
    """A statement with an error that was reported; its output is unknown."""


Action = (
    OpUse | BlockUse | ComputedUse | Group | Residual | Branches | Dense | For | Reuse | Broken
)


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


@dataclass(frozen=True, slots=True, eq=False)
class Output:
    name: str
    key: Scalar
    source: Term
    training_only: bool


@dataclass(slots=True, eq=False)
class Program:
    """One file, read; blocks and ops of its imports are added to its own."""

    file: SourceFile
    root: MappingNode
    name: str = "model"
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
    imports: tuple[Scalar, ...] = ()

    def op(self, name: str) -> OpKind | None:
        return self.ops.get(name) or BY_NAME.get(name)

    def names(self) -> list[str]:
        """Every name that a statement can use."""
        return [*BY_NAME, *self.ops, *self.blocks, *STRUCTURES]


class Builder:
    """Reads one file's syntax tree; ``diagnostics`` collects what is wrong with it."""

    def __init__(self, file: SourceFile, root: MappingNode, bad: frozenset[int]) -> None:
        self.bad = bad
        self.program = Program(file, root)
        self._block_names: set[str] = set()
        self.diagnostics: list[Diagnostic] = []

    def declarations(self) -> Program:
        """Everything but the statements, which need the names that imports bring."""
        program, root = self.program, self.program.root
        program.name = self.text(root.get("name")) or "model"
        program.doc = self.text(root.get("doc"))
        program.source = self.text(root.get("source"))
        program.parameters = self.parameters(root.get("parameters"))
        program.variants = {
            key.value: self.arguments(node)
            for key, node in self.entries(root.get("variants"))
            if isinstance(key.value, str)
        }
        program.let = self.arguments(root.get("let"))
        program.inputs = {
            str(key.value): (key, node) for key, node in self.entries(root.get("inputs"))
        }
        imports = root.get("imports")
        if isinstance(imports, SequenceNode):
            program.imports = tuple(
                item
                for item in imports.items
                if isinstance(item, Scalar) and isinstance(item.value, str)
            )
        for key, node in self.entries(root.get("ops")):
            self.declare(key, node)
        return program

    def statements_of_file(self, imported: Iterable[Program]) -> Program:
        """The rest: blocks and graph, once the imported programs are known."""
        program, root = self.program, self.program.root
        own = {key.value for key, _ in self.entries(root.get("blocks"))}
        for other in imported:
            program.blocks.update({k: b for k, b in other.blocks.items() if k not in own})
            program.ops.update({k: o for k, o in other.ops.items() if k not in program.ops})
        self._block_names = {*program.blocks, *map(str, own)}
        for key, node in self.entries(root.get("defaults")):
            self.default(key, node)
        for key, node in self.entries(root.get("blocks")):
            self.block(key, node)
        graph = root.get("graph")
        if graph is not None:
            program.body = self.statements(graph)
        outputs = root.get("outputs")
        if outputs is not None:
            program.outputs = self.outputs(outputs)
        return program

    # small readers

    def report(
        self, code: str, message: str, node: Node, help: str | None = None, *notes: str
    ) -> None:
        self.diagnostics.append(Diagnostic(code, message, node.span, notes, help))

    def text(self, node: Node | None) -> str | None:
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return node.value
        return None

    def entries(self, node: Node | None) -> list[tuple[Scalar, Node]]:
        if not isinstance(node, MappingNode) or id(node) in self.bad:
            return []
        return [(key, value) for key, value in node.entries.values() if id(value) not in self.bad]

    def arguments(self, node: Node | None) -> dict[str, Term]:
        return {str(key.value): self.term(value) for key, value in self.entries(node)}

    def term(self, node: Node) -> Term:
        """A value of the spec; what is wrong in it is reported and becomes UNKNOWN."""
        if id(node) in self.bad:
            return Term(node, UNKNOWN)
        return Term(node, self.value(node))

    def value(self, node: Node) -> Any:
        if id(node) in self.bad:
            return UNKNOWN
        if isinstance(node, Scalar):
            return self.scalar(node)
        if isinstance(node, SequenceNode):
            items = [self.value(item) for item in node.items]
            if not any(isinstance(item, Expr) for item in items):
                return items
            return ListOf(
                node.start,
                node.end,
                tuple(
                    item if isinstance(item, Expr) else Const(node.start, node.end, item)
                    for item in items
                ),
            )
        return {str(key.value): self.value(value) for key, value in node.entries.values()}

    def scalar(self, node: Scalar) -> Any:
        value = node.value
        if not isinstance(value, str):
            return value
        if "$" not in value:
            return None if value == "none" and not node.quoted else value
        try:
            return parse_text(value, text_offset(node))
        except ExpressionError as error:
            self.diagnostics.append(expression_diagnostic(error, node))
            return UNKNOWN

    # declarations

    def parameters(self, node: Node | None) -> dict[str, Parameter]:
        found = {}
        for key, value in self.entries(node):
            term = self.term(value)
            typed = isinstance(term.value, str) and term.value in PARAMETER_TYPES
            found[str(key.value)] = Parameter(
                str(key.value), key, None if typed else term, term.value if typed else None
            )
        return found

    def declare(self, key: Scalar, node: Node) -> None:
        name = str(key.value)
        if name in BY_NAME or name in STRUCTURES:
            self.report("shadowed-op", f"`{name}` is an op of the language", key)
            return
        terms = {k: self.term(v) for k, v in ((str(k.value), v) for k, v in self.entries(node))}
        self.program.ops[name] = Declaration.read(
            name, {k: term.value for k, term in terms.items()}, key.span
        )

    def default(self, key: Scalar, node: Node) -> None:
        name = str(key.value)
        if self.program.op(name) is None:
            known = [*BY_NAME, *self.program.ops]
            self.report("unknown-op", f"there is no op `{name}`", key, did_you_mean(name, known))
            return
        self.program.defaults[name] = self.arguments(node)

    def block(self, key: Scalar, node: Node) -> None:
        name = str(key.value)
        if self.program.op(name) is not None or name in STRUCTURES or name in HEADER:
            self.report(
                "shadowed-op",
                f"a block cannot be called `{name}`: that is an op of the language",
                key,
                f"call it something else, such as `{name}_block`",
            )
            return
        if not isinstance(node, MappingNode):
            return
        kind = "sequence" if "sequence" in node.entries else "graph"
        inputs = node.get("inputs")
        outputs = node.get("outputs")
        self.program.blocks[name] = Block(
            name=name,
            key=key,
            node=node,
            doc=self.text(node.get("doc")),
            parameters=self.parameters(node.get("parameters")),
            let=self.arguments(node.get("let")),
            inputs=tuple(
                str(item.value) for item in inputs.items if isinstance(item, Scalar)
            )
            if isinstance(inputs, SequenceNode)
            else None,
            kind=kind,
            body=self.statements(node.get(kind)),
            outputs=None if outputs is None else self.block_outputs(outputs),
            program=self.program,
        )

    def block_outputs(self, node: Node) -> dict[str, Term]:
        if isinstance(node, SequenceNode):
            return {
                str(item.value): self.term(item)
                for item in node.items
                if isinstance(item, Scalar)
            }
        return self.arguments(node)

    def outputs(self, node: Node) -> dict[str, Output]:
        found = {}
        for key, value in self.entries(node):
            source: Node | None = value
            training = False
            if isinstance(value, MappingNode):
                source = value.get("from")
                training = value.get("only") is not None
            if source is not None:
                name = str(key.value)
                found[name] = Output(name, key, self.term(source), training)
        return found

    # statements

    def statements(self, node: Node | None) -> tuple[Statement, ...]:
        if not isinstance(node, SequenceNode):
            return ()
        return tuple(self.statement(item) for item in node.items)

    def statement(self, node: Node) -> Statement:
        if id(node) in self.bad:
            return Statement(node, node, Broken())
        if isinstance(node, Scalar):
            return Statement(node, node, self.named(node, None))
        if not isinstance(node, MappingNode):
            return Statement(node, node, Broken())
        keys = [
            entry.key
            for name, entry in node.entries.items()
            if name not in HEADER
            and not (name == "with" and "use" in node.entries)
            and not (name == "do" and "for" in node.entries)
        ]
        key = self.op_key(node, keys)
        if key is None:
            return Statement(node, node, Broken())
        name = str(key.value)
        return Statement(
            node,
            key,
            self.action(name, key, node),
            id=self.optional(node.get("id")),
            source=self.source(node.get("from")),
            repeat=self.optional(node.get("repeat")),
            when=self.optional(node.get("when")),
            doc=self.text(node.get("doc")),
        )

    def optional(self, node: Node | None) -> Term | None:
        return None if node is None else self.term(node)

    def source(self, node: Node | None) -> tuple[Term, ...] | Term | None:
        if isinstance(node, SequenceNode):
            return tuple(self.term(item) for item in node.items)
        return self.optional(node)

    def op_key(self, node: MappingNode, keys: list[Scalar]) -> Scalar | None:
        """The one key that says what the statement does."""
        known = [key for key in keys if self.is_known(str(key.value))]
        if len(keys) == 1:
            return keys[0]
        if not keys:
            first = next(iter(node.entries.values())).key if node.entries else node
            self.report(
                "no-op",
                "this statement names no op or block",
                first,
                "write it as a key, such as `conv: {out: 64, kernel: 3}`",
            )
            return None
        stray = next((key for key in keys if key not in known), keys[1])
        name = str(stray.value)
        if stray in known:
            self.report(
                "several-ops",
                f"one statement, two ops: `{keys[0].value}` and `{name}`",
                stray,
                "start a new statement with `- `",
            )
        else:
            self.report(
                "unknown-key",
                f"a statement has no key `{name}`",
                stray,
                did_you_mean(name, (*HEADER, "with", "do"))
                or f"beside its op it may hold {', '.join(HEADER)}",
            )
        return known[0] if len(known) == 1 else None

    def is_known(self, name: str) -> bool:
        return (
            name in STRUCTURES or self.program.op(name) is not None or name in self._block_names
        )

    def named(self, key: Scalar, value: Node | None) -> Action:
        """An op or block that is used by its name."""
        name = str(key.value)
        op = self.program.op(name)
        if op is not None:
            return OpUse(op, self.attributes(op, value))
        if name in self._block_names:
            return BlockUse(name, self.arguments(value), self.keys(value))
        if name in STRUCTURES:
            self.report("no-op", f"`{name}` needs its contents: `{name}: …`", key)
            return Broken()
        names = [*BY_NAME, *self.program.ops, *self._block_names, *STRUCTURES]
        self.report(
            "unknown-op",
            f"there is no op or block `{name}`",
            key,
            did_you_mean(name, names) or "`graphcnn ops` lists the ops",
        )
        return Broken()

    def keys(self, node: Node | None) -> dict[str, Scalar]:
        return {str(key.value): key for key, _ in self.entries(node)}

    def attributes(self, op: OpKind, value: Node | None) -> dict[str, Term]:
        declared = op.attributes()
        if value is None:
            return {}
        if not isinstance(value, MappingNode):
            if op.main is None or (isinstance(value, Scalar) and value.value is None):
                return {}
            return {op.main: self.term(value)}
        return {
            str(key.value): self.term(node)
            for key, node in value.entries.values()
            if key.value in declared
        }

    def action(self, name: str, key: Scalar, node: MappingNode) -> Action:
        value = node.entries[name].value
        if name in STRUCTURES and id(value) in self.bad:
            return Broken()
        if name in ("sequence", "graph"):
            return Group(name, self.statements(value))
        if name == "dense":
            return Dense(self.statements(value))
        if name == "reuse":
            return Reuse(self.term(value))
        if name == "use":
            arguments = node.get("with")
            return ComputedUse(self.term(value), self.arguments(arguments), self.keys(arguments))
        if name == "for":
            names = tuple((k, self.term(v)) for k, v in self.entries(value))
            return For(names, self.statements(node.get("do")))
        if name == "residual" and isinstance(value, MappingNode):
            shortcut = value.get("shortcut")
            return Residual(
                self.statements(value.get("body")),
                None if shortcut is None else self.statements(shortcut),
                self.optional(value.get("skip")),
                self.optional(value.get("merge")),
            )
        if name == "branches" and isinstance(value, MappingNode):
            return Branches(self.paths(value.get("paths")), self.optional(value.get("merge")))
        if name in STRUCTURES:
            return Broken()
        return self.named(key, value)

    def paths(self, node: Node | None) -> tuple[Path, ...]:
        if isinstance(node, SequenceNode):
            return tuple(
                Path(None, self.statements(item), single=False, node=item) for item in node.items
            )
        found = []
        for key, value in self.entries(node):
            single = not isinstance(value, SequenceNode)
            body = (self.statement(value),) if single else self.statements(value)
            found.append(Path(key, body, single, value))
        return tuple(found)


def text_offset(node: Scalar) -> int:
    """Where the text of a scalar begins in the file."""
    raw = node.file.text[node.start : node.end]
    return node.start + max(raw.find(str(node.value)), 0)


def expression_diagnostic(error: ExpressionError, node: Scalar | Node) -> Diagnostic:
    """An expression's error at its place; the whole scalar where escapes hide that place."""
    span = node.span
    raw = node.file.text[node.start : node.end]
    if isinstance(node, Scalar) and str(node.value) not in raw:
        return Diagnostic(error.code, error.message, span, (), error.help)
    exact = Span(node.file, error.start, max(error.end, error.start + 1))
    return Diagnostic(error.code, error.message, exact, (), error.help)


def is_identifier(name: str) -> bool:
    """Whether ``name`` can be a Python attribute, and so part of an emitted model's names."""
    return name.isidentifier() and name.isascii() and not keyword.iskeyword(name)
