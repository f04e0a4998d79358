"""Scopes of a file: what each of its names means, and which are read; nothing is evaluated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from graphcnn.expression import Expr, free_names, parse_text
from graphcnn.ops.declared import Declaration
from graphcnn.program import (
    Block,
    BlockUse,
    Branches,
    ComputedUse,
    For,
    OpUse,
    Program,
    Residual,
    Reuse,
    Statement,
    Term,
    text_offset,
)
from graphcnn.syntax import Mapping as MappingNode
from graphcnn.syntax import Node, Scalar, Sequence

_SECTIONS = ("inputs", "init", "expect")
_LOOP = "a name of a loop"
_COUNT = "the count of a repeat"


class Binding:
    """A name that is given a meaning at ``key``; ``what`` says which, in words."""

    __slots__ = ("key", "read", "what")

    def __init__(self, what: str, key: Node) -> None:
        self.what = what
        self.key = key
        self.read = False

    @property
    def line(self) -> int:
        return self.key.span.begin_position.line


class _Scope:
    """Names of one place, within those around it."""

    __slots__ = ("names", "outer")

    def __init__(self, outer: _Scope | None = None) -> None:
        self.outer = outer
        self.names: dict[str, Binding] = {}

    def find(self, name: str) -> Binding | None:
        scope: _Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return None


class Hidden(NamedTuple):
    """A name whose meaning at ``inner`` hides the one that it has further out."""

    name: str
    inner: Binding
    outer: Binding


class Computed(NamedTuple):
    """A `use` whose name is computed, by its arguments.

    It is ``free`` where the name reads what may be set from elsewhere.
    """

    given: frozenset[str]
    free: bool


class Uses:
    """The blocks and ops that a body uses, by name and by `use`."""

    __slots__ = ("computed", "named")

    def __init__(self) -> None:
        self.named: set[str] = set()
        self.computed: set[Computed] = set()


class Walk:
    """Goes through a file without errors once, and marks what is read.

    ``parameters``, ``lets`` and ``uses`` are those of the file under None, and of its blocks under
    their names. Ids are among what is ``hidden`` where `from` asks for their value, since `$name`
    is then another one.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.parameters: dict[str | None, dict[str, Binding]] = defaultdict(dict)
        self.lets: dict[str | None, dict[str, Binding]] = defaultdict(dict)
        self.hidden: list[Hidden] = []
        self.uses: dict[str | None, Uses] = defaultdict(Uses)
        self.owner: str | None = None
        self.ids: list[Hidden] = []
        self.asked: set[str] = set()

    def file(self) -> None:
        program, scope = self.program, _Scope()
        self.bind_parameters(program.parameters, scope, "a parameter")
        self.bind_lets(program.let, program.root, scope, "`let` of the file")
        for terms in (*program.defaults.values(), *(one.settings for one in program.imports)):
            self.read(terms.values(), scope)
        for section in _SECTIONS:
            node = program.root.get(section)
            for scalar in scalars(node) if node is not None else ():
                if isinstance(scalar.value, str) and "$" in scalar.value:
                    self.expression(parse_text(scalar.value, text_offset(scalar)), scope)
        for block in program.blocks.values():
            if block.program is program:
                self.block(block, scope)
        self.owner = None
        if program.body is not None:
            ids = _Scope()
            for name, (key, _) in program.inputs.items():
                self.name_value(name, "an input", key, scope, ids)
            self.body(program.body, scope, ids)
            self.read((one.source for one in (program.outputs or {}).values()), scope)
            self.settle_ids()

    def block(self, block: Block, file: _Scope) -> None:
        self.owner, scope, ids = block.name, _Scope(file), _Scope()
        self.bind_parameters(block.parameters, scope, "a parameter")
        inputs = block.node.get("inputs") if isinstance(block.node, MappingNode) else None
        for item in inputs.items if isinstance(inputs, Sequence) else ():
            if isinstance(item, Scalar):
                self.bind(str(item.value), "an input", item, scope)
        self.bind_lets(block.let, block.node, scope, "`let` of the block")
        self.body(block.body, scope, ids)
        self.read((block.outputs or {}).values(), scope)
        self.settle_ids()

    # what names are given to

    def bind(self, name: str, what: str, key: Node, scope: _Scope) -> Binding:
        binding = Binding(what, key)
        outer = None if scope.outer is None else scope.outer.find(name)
        if outer is not None:
            self.hidden.append(Hidden(name, binding, outer))
        scope.names[name] = binding
        return binding

    def bind_parameters(self, parameters: Mapping[str, Any], scope: _Scope, what: str) -> None:
        """A default sees the parameters before its own."""
        for name, parameter in parameters.items():
            self.read((parameter.default,), scope)
            binding = self.bind(name, what, parameter.key, scope)
            self.parameters[self.owner][name] = binding

    def bind_lets(self, lets: Mapping[str, Term], node: Node, scope: _Scope, what: str) -> None:
        section = node.get("let") if isinstance(node, MappingNode) else None
        for name, term in lets.items():
            self.read((term,), scope)
            key = section.entries[name].key if isinstance(section, MappingNode) else term.node
            self.lets[self.owner][name] = self.bind(name, what, key, scope)

    def name_value(self, name: str, what: str, key: Node, scope: _Scope, ids: _Scope) -> None:
        """An id: behind a dollar it gives way to values, and under `from` hides ids further out."""
        binding = Binding(what, key)
        outer = scope.find(name) or (None if ids.outer is None else ids.outer.find(name))
        if outer is not None:
            self.ids.append(Hidden(name, binding, outer))
        ids.names.setdefault(name, binding)

    def settle_ids(self) -> None:
        """Keep the ids of a body that something in it asks for; others only name weights."""
        self.hidden += (one for one in self.ids if one.name in self.asked)
        self.ids, self.asked = [], set()

    # what reads them

    def values(self, terms: Iterable[Term | None], scope: _Scope) -> None:
        """What `from` and `reuse` name."""
        for term in terms:
            if term is not None and isinstance(term.value, str):
                self.asked.add(term.value.partition(".")[0])
            elif term is not None:
                self.expression(term.value, scope)

    def read(self, terms: Iterable[Term | None], scope: _Scope) -> None:
        for term in terms:
            if term is not None:
                self.expression(term.value, scope)

    def expression(self, value: object, scope: _Scope) -> None:
        if isinstance(value, Expr):
            for name in free_names(value):
                binding = scope.find(name.name)
                if binding is not None:
                    binding.read = True

    def body(self, statements: tuple[Statement, ...], scope: _Scope, ids: _Scope) -> None:
        for statement in statements:
            if statement.key is statement.node and type(statement.action) is OpUse:
                self.use(statement, scope)  # an op by its name alone, as many are
                continue
            self.read((statement.when, statement.repeat, statement.id), scope)
            inner = scope
            if statement.repeat is not None:
                inner = _Scope(scope)
                outer = scope.find("i")
                binding = Binding(_COUNT, statement.repeat.node)
                if outer is not None and outer.what != _COUNT:
                    self.hidden.append(Hidden("i", binding, outer))
                inner.names["i"] = binding
            source = statement.source
            self.values(source if isinstance(source, tuple) else (source,), inner)
            self.use(statement, inner)
            self.within(statement, inner, ids)
            name = statement.id.value if statement.id is not None else None
            if statement.id is not None and isinstance(name, str):
                self.name_value(name, "an id", statement.id.node, scope, ids)

    def use(self, statement: Statement, scope: _Scope) -> None:
        action, uses = statement.action, self.uses[self.owner]
        if isinstance(action, OpUse):
            self.read(action.attributes.values(), scope)
            if isinstance(action.op, Declaration):
                uses.named.add(action.op.name)
        elif isinstance(action, BlockUse):
            self.read(action.arguments.values(), scope)
            uses.named.add(action.name)
        elif isinstance(action, ComputedUse):
            self.read((action.name, *action.arguments.values()), scope)
            given = frozenset(action.arguments)
            uses.computed.add(Computed(given, self.is_free(action.name, scope)))
        elif isinstance(action, Reuse):
            self.values((action.target,), scope)
        elif isinstance(action, Residual):
            self.read((action.skip, action.merge), scope)
        elif isinstance(action, Branches):
            self.read((action.merge,), scope)
        elif isinstance(action, For):
            self.read((term for _, term in action.names), scope)

    def is_free(self, name: Term, scope: _Scope) -> bool:
        """Whether a computed name reads what may be set from elsewhere, and so be anything."""
        if not isinstance(name.value, Expr):
            return False
        found = [scope.find(one.name) for one in free_names(name.value)]
        return any(one is not None and one.what not in (_LOOP, _COUNT) for one in found)

    def within(self, statement: Statement, scope: _Scope, ids: _Scope) -> None:
        """The statements inside of one, with the ids that stay inside."""
        action = statement.action
        closed = statement.id is not None or getattr(action, "kind", None) == "sequence"
        inner_ids = _Scope(ids) if closed else ids
        if isinstance(action, For):
            scope = _Scope(scope)
            for key, _ in action.names:
                self.bind(str(key.value), _LOOP, key, scope)
        if not isinstance(action, Branches):
            for body in statement.bodies():
                self.body(body, scope, inner_ids)
            return
        for path in action.paths:
            self.body(path.body, scope, inner_ids if path.name is None else _Scope(inner_ids))
            if path.name is not None:
                self.name_value(str(path.name.value), "a path", path.name, scope, inner_ids)


def scalars(node: Node) -> Iterator[Scalar]:
    """Every value below a node, each node once; keys are none."""
    waiting, seen = [node], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, Scalar):
            yield one
        elif isinstance(one, Sequence):
            waiting += one.items
        else:
            waiting += (value for _, value in one.entries.values())
