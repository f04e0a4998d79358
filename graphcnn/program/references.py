"""What names refer to, checked without evaluating: in blocks that are never used, too.

Only what no evaluation could mend is reported. Where an id is computed, anything that it might
come to counts as defined.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from graphcnn.diagnostics import MAX_COMPARED, Diagnostic, did_you_mean, suggest
from graphcnn.evaluate import name_help
from graphcnn.expression import Expr, ExpressionError, Template, free_names
from graphcnn.ops.declared import Declaration
from graphcnn.program.terms import expression_diagnostic
from graphcnn.program.tree import (
    Block,
    BlockUse,
    Branches,
    ComputedUse,
    For,
    OpUse,
    Parameter,
    Program,
    Residual,
    Reuse,
    Statement,
    Term,
    walk,
)
from graphcnn.source import Span
from graphcnn.syntax import Mapping as MappingNode
from graphcnn.syntax import Node, Scalar

MAX_FINDINGS = 100
MAX_PATTERNS = 100
MAX_GUESSES = 10


def meant_by(strays: Iterable[str], known: Collection[str]) -> Collection[str]:
    """Which names of those known the misspelt ones may stand for; all where nothing is near."""
    strays, found = list(strays), set[str]()
    if len(strays) > MAX_GUESSES or len(known) > 10 * MAX_GUESSES:
        return known
    for name in strays:
        meant = suggest(name, known)
        found.update(known if meant is None else {meant})
    return found


def check_references(program: Program) -> list[Diagnostic]:
    """Names in one file that refer to nothing, and arguments that fit no parameter."""
    return list(islice(_Checker(program).check(), MAX_FINDINGS))


def misfits(
    owner: str,
    parameters: Mapping[str, Parameter],
    arguments: Mapping[str, Term],
    keys: Mapping[str, Scalar],
    use: Node,
) -> Iterator[Diagnostic]:
    """What is wrong with the names of the arguments for a block's or a file's parameters."""
    known = list(parameters)
    meant: set[str] = set()
    for name in arguments:
        if name not in parameters:
            help = did_you_mean(name, known)
            meant.update(one for one in known if help == f"did you mean `{one}`?")
            yield Diagnostic(
                "unknown-parameter",
                f"{owner} has no parameter `{name}`",
                keys[name].span,
                help=help or (f"it takes {', '.join(known)}" if known else "it takes none"),
            )
    missing = [
        f"`{parameter.name}`"
        for parameter in parameters.values()
        if parameter.default is None and parameter.name not in {*arguments, *meant}
    ]
    if missing:
        yield Diagnostic(
            "missing-parameter",
            f"{owner} needs {', '.join(missing)}",
            use.span,
            help=f"it takes {', '.join(known)}",
        )


@dataclass(frozen=True)
class _Visible:
    """The names that expressions and `from` can use in one body.

    ``ids`` are those that are written out, ``patterns`` what the computed ones look like.
    """

    values: frozenset[str]
    ids: frozenset[str] = frozenset()
    patterns: tuple[tuple[str, ...], ...] = ()
    body: tuple[Statement, ...] = ()

    def __contains__(self, name: str) -> bool:
        return name in self.values or self.is_id(name)

    def is_id(self, name: str) -> bool:
        return name in self.ids or any(_matches(name, one) for one in self.patterns)

    def within(
        self, body: tuple[Statement, ...], inputs: Iterable[str], *, unnamed: bool = False
    ) -> _Visible:
        ids = {*inputs, *self.ids}
        patterns: set[tuple[str, ...]] = {_ANYTHING} if unnamed else set()
        for statement in walk(body):
            value = None if statement.id is None else statement.id.value
            if isinstance(value, str):
                ids.add(value)
            elif value is not None:
                patterns.add(_pattern(value))
            if isinstance(statement.action, Branches):
                paths = statement.action.paths
                ids.update(str(path.name.value) for path in paths if path.name is not None)
        if len(patterns) > MAX_PATTERNS:
            patterns = {_ANYTHING}
        return _Visible(self.values | {"in"}, frozenset(ids), tuple(sorted(patterns)), body)

    def with_values(self, names: Iterable[str]) -> _Visible:
        return replace(self, values=self.values.union(names))


#: the text of a computed name around what is computed: any text may stand between two parts
_ANYTHING: tuple[str, ...] = ("", "")


def _pattern(value: object) -> tuple[str, ...]:
    if not isinstance(value, Template):
        return _ANYTHING
    parts = [""]
    for part in value.parts:
        if isinstance(part, Expr):
            parts.append("")
        else:
            parts[-1] += part
    return tuple(parts)


def _matches(name: str, pattern: tuple[str, ...]) -> bool:
    """Whether a name begins with the first part, ends with the last, and has those between."""
    first, *inner, last = pattern
    if not name.startswith(first):
        return False
    at = len(first)
    for part in inner:
        at = name.find(part, at) + len(part)
        if at < len(part):
            return False
    return name.endswith(last) and len(name) - len(last) >= at


@dataclass(frozen=True)
class _Checker:
    program: Program

    def check(self) -> Iterator[Diagnostic]:
        program = self.program
        file = _Visible(frozenset({*program.parameters, *program.let}), program.lost)
        defaults = [one.default for one in program.parameters.values()]
        yield from self.terms(defaults, file)
        yield from self.variants()
        yield from self.imports(file)
        for terms in (program.let, *program.variants.values(), *program.defaults.values()):
            yield from self.terms(terms.values(), file)
        for block in program.blocks.values():
            if block.program is program:
                yield from self.block(block, file)
        for op in program.ops.values():
            if op.span.file is program.file:
                yield from _rules(op)
        if program.body is not None:
            visible = file.within(program.body, program.inputs, unnamed=program.unnamed)
            yield from self.body(program.body, visible)
            for output in (program.outputs or {}).values():
                yield from self.reference(output.source, visible)

    def variants(self) -> Iterator[Diagnostic]:
        known = self.program.parameters
        root = self.program.root.get("variants")
        for variant, entry in root.entries.items() if isinstance(root, MappingNode) else ():
            settings = self.program.variants.get(variant, {})
            keys = entry.value.entries if isinstance(entry.value, MappingNode) else {}
            for name in settings:
                if name in known:
                    continue
                yield Diagnostic(
                    "unknown-parameter",
                    f"the spec has no parameter `{name}`",
                    keys[name].key.span,
                    help=did_you_mean(name, known)
                    or (f"it has {', '.join(known)}" if known else "it has none"),
                )

    def imports(self, file: _Visible) -> Iterator[Diagnostic]:
        for entry, other in self.program.imported:
            yield from self.terms(entry.settings.values(), file)
            if other is not None and not other.refused:
                yield from misfits(
                    entry.owner, other.parameters, entry.settings, entry.keys, entry.path
                )

    def block(self, block: Block, file: _Visible) -> Iterator[Diagnostic]:
        own = file.with_values(block.parameters)
        yield from self.terms([one.default for one in block.parameters.values()], own)
        visible = own.with_values(block.let).within(block.body, block.input_names)
        yield from self.terms(block.let.values(), visible)
        yield from self.body(block.body, visible)
        for term in (block.outputs or {}).values():
            yield from self.reference(term, visible)

    def body(self, statements: tuple[Statement, ...], visible: _Visible) -> Iterator[Diagnostic]:
        for statement in statements:
            if _is_plain(statement):
                continue
            yield from self.terms((statement.when, statement.repeat), visible)
            if statement.id is not None:
                yield from self.id(statement.id, statement.repeat is not None, visible)
            inner = visible if statement.repeat is None else visible.with_values("i")
            source = statement.source
            for term in source if isinstance(source, tuple) else (source,):
                if term is not None:
                    yield from self.reference(term, inner, statement)
            yield from self.action(statement, inner)

    def id(self, term: Term, repeated: bool, visible: _Visible) -> Iterator[Diagnostic]:
        for found in self.term(term, visible):
            if repeated and "`i`" in found.message:
                help = "the id names the repeat as a whole, and its members are numbered 0, 1, 2"
                yield replace(found, help=help)
            else:
                yield found

    def action(self, statement: Statement, visible: _Visible) -> Iterator[Diagnostic]:
        action = statement.action
        if isinstance(action, OpUse):
            yield from self.terms(action.attributes.values(), visible)
        elif isinstance(action, (BlockUse, ComputedUse)):
            yield from self.terms(action.arguments.values(), visible)
            yield from self.use(statement, action, visible)
        elif isinstance(action, Reuse):
            yield from self.reference(action.target, visible, statement)
        elif isinstance(action, Residual):
            yield from self.terms((action.skip, action.merge), visible)
        elif isinstance(action, Branches):
            yield from self.terms((action.merge,), visible)
        elif isinstance(action, For):
            yield from self.terms((term for _, term in action.names), visible)
            visible = visible.with_values(str(key.value) for key, _ in action.names)
        for body in statement.bodies():
            yield from self.body(body, visible)

    def use(
        self, statement: Statement, action: BlockUse | ComputedUse, visible: _Visible
    ) -> Iterator[Diagnostic]:
        if isinstance(action, ComputedUse):
            yield from self.term(action.name, visible)
            return
        block = self.program.blocks.get(action.name)
        if block is not None:
            yield from misfits(
                block.owner, block.parameters, action.arguments, action.keys, statement.key
            )

    def reference(
        self, term: Term, visible: _Visible, reader: Statement | None = None
    ) -> Iterator[Diagnostic]:
        """An id that is written out, in the `from` of a statement and the like, or in outputs."""
        name = term.value
        if not isinstance(name, str):
            yield from self.term(term, visible)
            return
        name = name.partition(".")[0]
        if name not in ("prev", "in") and not visible.is_id(name):
            unnamed = _without_id(name, visible.body, reader)
            known = undefined(name, term, visible.ids)
            yield known if unnamed is None else _needs_id(name, unnamed, known)

    def terms(self, terms: Iterable[Term | None], visible: _Visible) -> Iterator[Diagnostic]:
        for term in terms:
            if term is not None and isinstance(term.value, Expr):
                yield from self.term(term, visible)

    def term(self, term: Term, visible: _Visible) -> Iterator[Diagnostic]:
        if not isinstance(term.value, Expr):
            return
        for name in free_names(term.value):
            if name.name not in visible:
                known = visible.values | visible.ids
                message = f"`{name.name}` is not defined here"
                help = name_help(name.name, known)
                error = ExpressionError("unknown-name", message, name.start, name.end, help)
                yield expression_diagnostic(error, term.node)


def _rules(op: Declaration) -> Iterator[Diagnostic]:
    visible = {*op.attributes(), "in", "inputs"}
    for rule in op.rules():
        for name in free_names(rule.value) if isinstance(rule.value, Expr) else ():
            if name.name not in visible:
                span = Span(rule.span.file, name.start, name.end)
                message = f"`{name.name}` is not defined in the rules of `{op.name}`"
                help = name_help(name.name, visible)
                yield Diagnostic("unknown-name", message, span, help=help)


def _is_plain(statement: Statement) -> bool:
    """Whether a statement is an op by its name alone, as many are."""
    return statement.key is statement.node and type(statement.action) is OpUse


def _without_id(
    name: str, body: tuple[Statement, ...], reader: Statement | None
) -> Statement | None:
    """The statement before the reader that a name means which only an id could give it.

    It is called like the op or block, or like that with a number, as generated layers are.
    """
    stem = name.rstrip("0123456789")
    meant: dict[str, list[Statement]] = {name: [], stem: []}
    for statement in islice(body, MAX_COMPARED):
        word = str(statement.key.value) if isinstance(statement.key, Scalar) else ""
        before = reader is None or statement.node.end <= reader.node.start
        if before and statement.id is None and word in meant:
            meant[word].append(statement)
    at = int(name[len(stem) :][:9] or 0)
    numbered = meant[stem][at - 1 : at] if at else []
    return next(reversed(meant[name] or numbered), None)


def _needs_id(name: str, statement: Statement, found: Diagnostic) -> Diagnostic:
    line = statement.key.span.begin_position.line
    message = f"no value is called `{name}` here: the statement in line {line} has no id"
    return replace(found, message=message, help=f"write `id: {name}` beside its op")


def undefined(name: str, term: Term, ids: Iterable[str]) -> Diagnostic:
    """What to say of an id that is defined nowhere."""
    known = sorted({*islice(ids, MAX_COMPARED), "prev"})
    listed = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
    return Diagnostic(
        "undefined-id",
        f"no value is called `{name}` here",
        term.node.span,
        help=did_you_mean(name, known) or f"the names here are {listed}",
    )
