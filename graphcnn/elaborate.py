"""From a program to a graph: parameters bound, blocks used, repeats unrolled, shapes inferred.

One walk over the statements, in the source's order; each node's shape is inferred as it is
made, so that expressions can ask for it. An error is reported once, at its cause, and what
depends on it goes on as unknown: the next independent mistake is found in the same run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphcnn.bind import Arguments, read_attributes
from graphcnn.diagnostics import Diagnostic, Severity, did_you_mean
from graphcnn.evaluate import Budget, Names, evaluate, kind_of
from graphcnn.expression import Expr, ExpressionError
from graphcnn.infer import LOST, Inference, recovered
from graphcnn.ir import (
    BlockItem,
    Body,
    BranchesItem,
    DenseItem,
    Facts,
    ForItem,
    Graph,
    GraphOutput,
    GroupItem,
    Item,
    Node,
    OpItem,
    RepeatItem,
    ResidualItem,
    Result,
    Value,
)
from graphcnn.ops import BY_NAME
from graphcnn.ops.base import Lost, Op, OpError, Undecided, show_shape
from graphcnn.program import (
    Block,
    BlockUse,
    Branches,
    Broken,
    ComputedUse,
    Dense,
    For,
    Group,
    OpKind,
    OpUse,
    Program,
    Residual,
    Reuse,
    Statement,
    Term,
    expression_diagnostic,
    is_identifier,
)
from graphcnn.size import UNKNOWN, is_known
from graphcnn.source import Origin, Span
from graphcnn.syntax import Node as SyntaxNode

MAX_NODES = 1_000_000
MAX_STATEMENTS = 4_000_000
MAX_REPEAT = 1_000_000
MAX_BLOCK_DEPTH = 48

MERGES = {"add", "multiply", "maximum", "average", "concat"}


class Halt(Exception):
    """Stops elaboration: going on would take unbounded work, or makes no sense."""


class Stop(Exception):
    """Stops one statement, whose error has been reported."""


@dataclass(slots=True, eq=False)
class Space:
    """The ids of one scope, within those around it up to the block's edge."""

    ids: dict[str, Result]
    items: dict[str, Item]
    outer: Space | None

    def find(self, name: str) -> Result | None:
        space: Space | None = self
        while space is not None:
            if name in space.ids:
                return space.ids[name]
            space = space.outer
        return None

    def find_item(self, name: str) -> Item | None:
        space: Space | None = self
        while space is not None:
            if name in space.items:
                return space.items[name]
            space = space.outer
        return None

    def visible(self) -> list[str]:
        space: Space | None = self
        names: list[str] = []
        while space is not None:
            names += space.ids
            space = space.outer
        return names


@dataclass(slots=True, eq=False)
class Frame:
    """Where a statement stands: names in scope, the value before it, and how it was reached."""

    local: dict[str, Any]
    names: Names
    space: Space
    prev: Result | None
    origin: Origin | None
    program: Program
    depth: int
    later: frozenset[str] = frozenset()

    def inside(self, space: Space | None = None, **bound: Any) -> Frame:
        """A frame within this one, with more names bound."""
        local: dict[str, Any] = dict(bound)
        return Frame(
            local,
            Names(local, self.names),
            space or self.space,
            self.prev,
            self.origin,
            self.program,
            self.depth,
            self.later,
        )


class _Ids(Mapping[str, Any]):
    """A space seen as names for expressions."""

    def __init__(self, space: Space) -> None:
        self.space = space

    def __getitem__(self, name: str) -> Any:
        found = self.space.find(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Any:
        return iter(self.space.visible())

    def __len__(self) -> int:
        return len(self.space.visible())


class Elaborator:
    """Elaborates one program for one setting of its parameters."""

    def __init__(self, program: Program, inference: Inference | None = None) -> None:
        self.program = program
        self.diagnostics: list[Diagnostic] = []
        self.reported: set[tuple[str, int, int]] = set()
        self.inference = inference or Inference()
        self.budget = Budget()
        self.steps = 0
        self.nodes: list[Node] = []
        self.constant_ops: dict[OpUse, Op] = {}
        self.arguments = Arguments(self)

    # reporting

    def report(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        frame: Frame | None = None,
        help: str | None = None,
        notes: tuple[str, ...] = (),
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Report once per place, however often the place is reached."""
        key = (code, id(span.file), span.start)
        if key not in self.reported:
            self.reported.add(key)
            origin = frame.origin if frame else None
            chain = tuple(step.description for step in origin.chain()) if origin else ()
            self.diagnostics.append(
                Diagnostic(code, message, span, (*notes, *_shorten(chain)), help, severity)
            )

    def value(self, term: Term, frame: Frame) -> Any:
        """A term's value; UNKNOWN where it has none, which is reported."""
        if not isinstance(term.value, Expr):
            return term.value
        try:
            return evaluate(term.value, frame.names, self.budget)
        except ExpressionError as error:
            self.report_expression(error, term.node, frame)
            return UNKNOWN

    def report_expression(self, error: ExpressionError, node: SyntaxNode, frame: Frame) -> None:
        found = expression_diagnostic(error, node)
        self.report(found.code, found.message, found.span, frame=frame, help=found.help)
        if error.code == "too-much-work" and self.budget.steps < 0:
            raise Halt

    # the graph

    def graph(self, inputs: dict[str, Value], scope: dict[str, Any]) -> Graph:
        """Everything below `graph:`; the diagnostics say whether it can be used."""
        program = self.program
        names = Names(scope)
        first = next(iter(inputs.values())) if len(inputs) == 1 else None
        space = Space(dict(inputs), {}, None)
        frame = self.frame(names, space, first, None, program, 0, program.body or ())
        outputs: dict[str, GraphOutput] = {}
        body = Body((), [])
        try:
            body = self.run(program.body or (), frame)
            outputs = self.outputs(frame)
        except Halt:
            pass
        except RecursionError:
            self.report("too-deep", "the spec is nested too deeply", program.root.span)
        return Graph(inputs, self.nodes, outputs, body, scope)

    def frame(
        self,
        names: Names,
        space: Space,
        prev: Result | None,
        origin: Origin | None,
        program: Program,
        depth: int,
        statements: tuple[Statement, ...],
    ) -> Frame:
        local: dict[str, Any] = {}
        around = Names(local, Names(names, _Ids(space)))
        return Frame(
            local, around, space, prev, origin, program, depth, literal_ids(statements)
        )

    def outputs(self, frame: Frame) -> dict[str, GraphOutput]:
        program = self.program
        if program.outputs is None:
            value = self.single(frame.prev, frame, program.root.entries["graph"].key.span)
            return {"output": GraphOutput(value, training_only=False)}
        found = {}
        for name, output in program.outputs.items():
            try:
                value = self.lookup(output.source, frame)
            except Stop:
                continue
            found[name] = GraphOutput(value, output.training_only)
        return found

    def single(self, result: Result | None, frame: Frame, span: Span) -> Value:
        if isinstance(result, Value):
            return result
        if result is None:
            self.report(
                "no-previous",
                "there is no value before this statement",
                span,
                frame=frame,
                help="say which with `from`",
            )
        else:
            self.report(
                "several-values",
                f"the value before has {len(result)} outputs: {', '.join(result)}",
                span,
                frame=frame,
                help="say which with `from: id.output`",
            )
        return Value(None)

    # statements

    def run(self, statements: tuple[Statement, ...], frame: Frame) -> Body:
        return Body(statements, [self.statement(statement, frame) for statement in statements])

    def statement(self, statement: Statement, frame: Frame) -> Item | None:
        self.steps += 1
        if self.steps > MAX_STATEMENTS or len(self.nodes) > MAX_NODES:
            self.report(
                "too-many-nodes",
                f"the model expands to more than {min(len(self.nodes), MAX_NODES):,} nodes",
                statement.key.span,
                frame=frame,
            )
            raise Halt
        frame.local["in"] = frame.prev if frame.prev is not None else UNKNOWN
        try:
            if statement.when is not None and not self.wanted(statement.when, frame):
                return None
            id = None if statement.id is None else self.id(statement.id, frame)
            if statement.repeat is not None:
                item: Item = self.repeat(statement, statement.repeat, id, frame)
            else:
                item = self.once(statement, id, self.sources(statement, frame), frame)
        except Stop:
            frame.prev = Value(None)
            if statement.id is not None and isinstance(statement.id.value, str):
                frame.space.ids.setdefault(statement.id.value, frame.prev)
            return None
        frame.prev = item.result
        if id is not None and item.result is not None:
            frame.space.ids[id] = item.result
            frame.space.items[id] = item
        return item

    def wanted(self, when: Term, frame: Frame) -> bool:
        value = self.value(when, frame)
        if value is UNKNOWN:
            return True
        if not isinstance(value, bool):
            self.report(
                "when-not-boolean",
                f"`when` is true or false, found {kind_of(value)}",
                when.node.span,
                frame=frame,
                help="compare it: `$(name != 0)`",
            )
            raise Stop
        return value

    def id(self, term: Term, frame: Frame) -> str | None:
        value = self.value(term, frame)
        if value is UNKNOWN:
            return None
        name = str(value) if isinstance(value, (str, int)) else ""
        if not is_identifier(name):
            self.report(
                "bad-name",
                f"`{name[:40]}` cannot be a name",
                term.node.span,
                frame=frame,
                help="a name has letters, digits and `_`, starts with no digit, "
                "and is no word of Python's",
            )
            return None
        if name in frame.space.ids or name == "prev":
            self.report(
                "duplicate-id",
                f"the id `{name}` is taken" if name != "prev" else "`prev` is the value before",
                term.node.span,
                frame=frame,
                help="in a repeat or a loop, number it: `name$(i)`",
            )
            return None
        return name

    def sources(self, statement: Statement, frame: Frame) -> tuple[Value, ...]:
        source = statement.source
        if source is None:
            action = statement.action
            if isinstance(action, OpUse) and action.op.arity[1] == 0:
                return ()
            if isinstance(action, BlockUse):
                block = frame.program.blocks.get(action.name)
                if block is not None and block.inputs is not None and not block.inputs:
                    return ()
            return (self.single(frame.prev, frame, statement.key.span),)
        if isinstance(source, tuple):
            return tuple(self.lookup(term, frame) for term in source)
        value = self.value(source, frame)
        if isinstance(value, list):
            return tuple(self.lookup(Term(source.node, one), frame) for one in value)
        return (self.lookup(Term(source.node, value), frame),)

    def lookup(self, term: Term, frame: Frame) -> Value:
        """The value that an entry of `from` names."""
        name = self.value(term, frame)
        if name is UNKNOWN:
            return Value(None)
        if isinstance(name, Value):
            return name
        if isinstance(name, dict):
            return self.single(name, frame, term.node.span)
        if not isinstance(name, str):
            self.report(
                "wrong-type",
                f"`from` names a value, found {kind_of(name)}",
                term.node.span,
                frame=frame,
            )
            raise Stop
        if name == "prev":
            return self.single(frame.prev, frame, term.node.span)
        first, _, rest = name.partition(".")
        found: Any = frame.space.find(first)
        if found is None and first in frame.names:
            found = frame.names[first]
            if not isinstance(found, (Value, dict)):
                found = None
        if found is None:
            self.undefined(first, term, frame)
            raise Stop
        if rest:
            found = self.part(found, first, rest, term, frame)
        return self.single(found, frame, term.node.span)

    def part(self, found: Any, first: str, rest: str, term: Term, frame: Frame) -> Any:
        if isinstance(found, Value) and found.shape is None:
            return found
        outputs = found if isinstance(found, dict) else {}
        if rest not in outputs:
            named = f"its outputs are {', '.join(outputs)}" if outputs else "it has one output"
            self.report(
                "undefined-id",
                f"`{first}` has no output `{rest}`",
                term.node.span,
                frame=frame,
                help=did_you_mean(rest, outputs) or named,
            )
            raise Stop
        return outputs[rest]

    def undefined(self, name: str, term: Term, frame: Frame) -> None:
        span = term.node.span
        if name in frame.later:
            self.report(
                "used-before-defined",
                f"`{name}` is defined further down, or was left out by `when`",
                span,
                frame=frame,
                help="a graph has no cycles: a value is defined before it is used",
            )
            return
        visible = sorted({*frame.space.visible(), "prev"})
        self.report(
            "undefined-id",
            f"no value is called `{name}` here",
            span,
            frame=frame,
            help=did_you_mean(name, visible) or f"the names here are {', '.join(visible[:12])}",
        )

    def repeat(
        self, statement: Statement, times: Term, id: str | None, frame: Frame
    ) -> RepeatItem:
        count = self.value(times, frame)
        if count is UNKNOWN:
            count = 1
        if type(count) is not int or count < 0:
            self.report(
                "bad-value",
                f"`repeat` is an integer of at least 0, found {count}",
                times.node.span,
                frame=frame,
            )
            raise Stop
        if count > MAX_REPEAT:
            self.report(
                "too-many-nodes",
                f"`repeat` is at most {MAX_REPEAT:,}, found {count:,}",
                times.node.span,
                frame=frame,
            )
            raise Stop
        space = frame.space if id is None else Space({}, {}, frame.space)
        inner = frame.inside(space)
        first = self.sources(statement, frame) if count else ()
        item = RepeatItem(statement, id, first, [])
        item.result = frame.prev
        for i in range(count):
            inner.local["i"] = i
            if i:
                inner.local["in"] = inner.prev if inner.prev is not None else UNKNOWN
                chained = self.single(inner.prev, inner, statement.key.span)
                sources = (chained, *self.sources(statement, inner)[1:])
            else:
                sources = self.sources(statement, inner)
            one = self.once(statement, None, sources, inner)
            inner.prev = item.result = one.result
            item.items.append(one)
        return item

    def once(
        self, statement: Statement, id: str | None, inputs: tuple[Value, ...], frame: Frame
    ) -> Item:
        """One application of a statement."""
        action = statement.action
        if inputs:
            frame.local["in"] = inputs[0]
        if isinstance(action, OpUse):
            return self.op(statement, id, inputs, action, frame)
        if isinstance(action, BlockUse):
            block = frame.program.blocks.get(action.name)
            if block is None:  # its definition was refused
                raise Stop
            return self.block(statement, id, inputs, block, action, frame)
        if isinstance(action, ComputedUse):
            return self.computed(statement, id, inputs, action, frame)
        if isinstance(action, Group):
            inner = frame.inside(
                Space({}, {}, frame.space) if id or action.kind == "sequence" else None
            )
            inner.prev = self.only(inputs, statement, frame)
            body = self.run(action.body, inner)
            item: Item = GroupItem(statement, id, inputs, action.kind, body)
            item.result = inner.prev
            return item
        if isinstance(action, Residual):
            return self.residual(statement, id, inputs, action, frame)
        if isinstance(action, Branches):
            return self.branches(statement, id, inputs, action, frame)
        if isinstance(action, Dense):
            return self.dense(statement, id, inputs, action, frame)
        if isinstance(action, For):
            return self.loop(statement, id, inputs, action, frame)
        if isinstance(action, Reuse):
            return self.reuse(statement, id, inputs, action, frame)
        assert isinstance(action, Broken)
        raise Stop

    def only(self, inputs: tuple[Value, ...], statement: Statement, frame: Frame) -> Value:
        if len(inputs) != 1:
            self.report(
                "wrong-arity",
                f"this takes one input, found {len(inputs)}",
                statement.key.span,
                frame=frame,
                help="join them first, with `add` or `concat`",
            )
            raise Stop
        return inputs[0]

    # ops

    def op(
        self,
        statement: Statement,
        id: str | None,
        inputs: tuple[Value, ...],
        use: OpUse,
        frame: Frame,
    ) -> OpItem:
        own = use is statement.action  # else a passing object, whose identity means nothing
        op = self.constant_ops.get(use) if own else None
        if op is None:
            defaults = frame.program.defaults.get(use.op.name, {})
            op, constant = self.make_op(statement, use.op, use.attributes, defaults, frame)
            if constant and own:
                self.constant_ops[use] = op
        node = self.node(statement, op, inputs, use.attributes, frame)
        item = OpItem(statement, id, inputs, node)
        item.result = result_of(node)
        return item

    def make_op(
        self,
        statement: Statement,
        kind: OpKind,
        given: dict[str, Term],
        defaults: dict[str, Term],
        frame: Frame,
    ) -> tuple[Op, bool]:
        values, constant = read_attributes(self, statement, kind, given, defaults, frame)
        try:
            return self.inference.op(kind, values), constant
        except OpError as error:
            self.op_error(error, statement, given, frame)
            raise Stop from None

    def op_error(
        self,
        error: OpError,
        statement: Statement,
        attributes: dict[str, Term],
        frame: Frame,
        notes: tuple[str, ...] = (),
    ) -> None:
        if isinstance(error, Lost):  # what lost it was reported
            return
        term = attributes.get(error.attribute or "")
        span = statement.key.span if term is None else term.node.span
        self.report(error.code, error.message, span, frame=frame, help=error.help, notes=notes)

    def node(
        self,
        statement: Statement,
        op: Op,
        inputs: tuple[Value, ...],
        attributes: dict[str, Term],
        frame: Frame,
    ) -> Node:
        """Add a node; an op that does not fit is reported and its outputs become unknown."""
        facts = LOST
        shapes = tuple(value.shape for value in inputs)
        if None not in shapes:
            known = tuple(shape for shape in shapes if shape is not None)
            try:
                facts = self.inference.facts(op, known)
            except OpError as error:
                notes = _producers(inputs) if len(inputs) > 1 else ()
                self.op_error(error, statement, attributes, frame, notes)
                facts = recovered(op, known)
        return self.add(op, inputs, facts, statement.key.span, frame)

    def add(
        self, op: Op, inputs: tuple[Value, ...], facts: Facts, span: Span, frame: Frame
    ) -> Node:
        node = Node(op, inputs, facts, span, frame.origin)
        node.outputs = tuple(
            Value(shape, node, port) for port, shape in enumerate(facts.outputs)
        )
        self.nodes.append(node)
        return node

    # blocks

    def computed(
        self,
        statement: Statement,
        id: str | None,
        inputs: tuple[Value, ...],
        use: ComputedUse,
        frame: Frame,
    ) -> Item:
        name = self.value(use.name, frame)
        if name is UNKNOWN:
            raise Stop
        span = use.name.node.span
        if not isinstance(name, str):
            self.report(
                "wrong-type", f"`use` names an op or block, found {kind_of(name)}", span,
                frame=frame,
            )  # fmt: skip
            raise Stop
        kind = frame.program.op(name)
        if kind is not None:
            given = {}
            for key, term in use.arguments.items():
                if key in kind.attributes():
                    given[key] = term
                else:
                    self.report(
                        "unknown-attribute",
                        f"`{name}` has no attribute `{key}`",
                        use.keys[key].span,
                        frame=frame,
                        help=did_you_mean(key, kind.attributes()),
                    )
            return self.op(statement, id, inputs, OpUse(kind, given), frame)
        block = frame.program.blocks.get(name)
        if block is None:
            self.report(
                "unknown-op",
                f"there is no op or block `{name}`",
                span,
                frame=frame,
                help=did_you_mean(name, frame.program.names()),
            )
            raise Stop
        return self.block(
            statement, id, inputs, block, BlockUse(name, use.arguments, use.keys), frame
        )

    def block(
        self,
        statement: Statement,
        id: str | None,
        inputs: tuple[Value, ...],
        block: Block,
        use: BlockUse,
        frame: Frame,
    ) -> BlockItem:
        if frame.depth >= MAX_BLOCK_DEPTH:
            self.report(
                "endless-recursion",
                f"blocks use each other more than {MAX_BLOCK_DEPTH} deep, `{block.name}` again",
                statement.key.span,
                frame=frame,
                help="end the recursion with `when`",
            )
            raise Stop
        arguments = self.arguments.bind(statement, block, use, frame)
        return self.expand(statement, id, inputs, block, arguments, frame)

    def expand(
        self,
        statement: Statement,
        id: str | None,
        inputs: tuple[Value, ...],
        block: Block,
        arguments: dict[str, Any],
        frame: Frame,
    ) -> BlockItem:
        """A use of a block with its arguments bound."""
        names = ("x",) if block.inputs is None else block.inputs
        if len(inputs) != len(names):
            self.report(
                "wrong-arity",
                f"block `{block.name}` takes {len(names)} inputs ({', '.join(names)}), "
                f"found {len(inputs)}",
                statement.key.span,
                frame=frame,
                help=f"list them: `from: [{', '.join(names)}]`",
            )
            raise Stop
        values = dict(zip(names, inputs, strict=True))
        span = statement.key.span
        line = span.begin_position.line
        where = f"{span.file.name}:{line}"
        origin = Origin(f"in block `{block.name}`, used at {where}", span, frame.origin)
        scope: dict[str, Any] = {**arguments, **values}
        inner = self.frame(
            Names(scope, Names(self.arguments.file_scope(block.program))),
            Space(dict(values), {}, None),
            inputs[0] if len(inputs) == 1 else None,
            origin,
            block.program,
            frame.depth + 1,
            block.body,
        )
        for name, term in block.let.items():
            scope[name] = self.value(term, inner)
        body = self.run(block.body, inner)
        result = self.block_outputs(block, inner)
        outputs = result if isinstance(result, dict) else {"output": result}
        item = BlockItem(
            statement, id, inputs, block, arguments, scope, values, body, outputs, block.name
        )
        item.result = result
        return item

    def block_outputs(self, block: Block, frame: Frame) -> Result:
        if block.outputs is None:
            if frame.prev is None:
                self.report(
                    "no-previous",
                    f"block `{block.name}` is empty and has several inputs",
                    block.key.span,
                    frame=frame,
                )
                return Value(None)
            return frame.prev
        found: dict[str, Value] = {}
        for name, term in block.outputs.items():
            try:
                found[name] = self.lookup(term, frame)
            except Stop:
                found[name] = Value(None)
        return found if len(found) > 1 else next(iter(found.values()), Value(None))

    # structure

    def residual(
        self,
        statement: Statement,
        id: str | None,
        inputs: tuple[Value, ...],
        action: Residual,
        frame: Frame,
    ) -> ResidualItem:
        value = self.only(inputs, statement, frame)
        inner = frame.inside(Space({}, {}, frame.space) if id else None)
        inner.prev = value
        body = self.run(action.body, inner)
        body_end = self.single(inner.prev, frame, statement.key.span)
        skip = True if action.skip is None else self.wanted(action.skip, frame)
        shortcut, shortcut_end = None, value
        if skip and action.shortcut is not None:
            inner.prev = value
            shortcut = self.run(action.shortcut, inner)
            shortcut_end = self.single(inner.prev, frame, statement.key.span)
        merge = None
        if skip:
            merge = self.join(
                statement, action.merge, "add", (body_end, shortcut_end), frame, residual=True
            )
        item = ResidualItem(statement, id, inputs, body, shortcut, merge)
        item.result = merge.outputs[0] if merge else body_end
        return item

    def join(
        self,
        statement: Statement,
        merge: Term | None,
        default: str,
        values: tuple[Value, ...],
        frame: Frame,
        *,
        residual: bool = False,
    ) -> Node | None:
        """The node that joins parallel paths; None for `merge: none`."""
        name = default if merge is None else self.value(merge, frame)
        if name is UNKNOWN:
            raise Stop
        if name is None and not residual:
            return None
        if name not in MERGES:
            assert merge is not None
            self.report(
                "bad-value",
                f"`merge` is one of {', '.join(sorted(MERGES))}, found `{name}`",
                merge.node.span,
                frame=frame,
                help=did_you_mean(str(name), MERGES),
            )
            raise Stop
        op = self.inference.op(BY_NAME[name], {})
        shapes = tuple(value.shape for value in values)
        if None in shapes:
            return self.add(op, values, LOST, statement.key.span, frame)
        known = tuple(shape for shape in shapes if shape is not None)
        try:
            facts = self.inference.facts(op, known)
        except OpError as error:
            self.merge_error(error, name, statement, values, frame, residual=residual)
            facts = recovered(op, known)
        return self.add(op, values, facts, statement.key.span, frame)

    def merge_error(
        self,
        error: OpError,
        merge: str,
        statement: Statement,
        values: tuple[Value, ...],
        frame: Frame,
        *,
        residual: bool,
    ) -> None:
        message, help = error.message, error.help
        notes: tuple[str, ...] = _producers(values)
        verb = {"add": "adds", "multiply": "multiplies", "concat": "concatenates"}.get(
            merge, f"takes the {merge} of"
        )
        if residual and not isinstance(error, Undecided):
            body, shortcut = (show_shape(value.shape or ()) for value in values)
            message = f"residual {verb} {body} and {shortcut}"
            names = ("body", "shortcut")
            notes = tuple(
                f"{name} is {_producer(value)}" for name, value in zip(names, values, strict=True)
            )
            help = self.residual_help(values, statement) or help
        self.report(
            error.code, message, statement.key.span, frame=frame, help=help, notes=notes
        )

    @staticmethod
    def residual_help(values: tuple[Value, ...], statement: Statement) -> str | None:
        body, shortcut = (value.shape or () for value in values)
        action = statement.action
        if isinstance(action, Residual) and action.shortcut is None and body and shortcut:
            if not is_known(body[0]):
                return None
            strided = body[1:] != shortcut[1:]
            return f"give `shortcut` a 1x1 conv to {body[0]} channels" + (
                ", with the body's stride" if strided else ""
            )
        return None

    def branches(
        self,
        statement: Statement,
        id: str | None,
        inputs: tuple[Value, ...],
        action: Branches,
        frame: Frame,
    ) -> BranchesItem:
        value = self.only(inputs, statement, frame)
        around = Space({}, {}, frame.space) if id else frame.space
        paths: list[tuple[str | None, Body]] = []
        ends: dict[str, Value] = {}
        for number, path in enumerate(action.paths):
            name = None
            if path.name is not None:
                name = self.id(Term(path.name, path.name.value), frame.inside(around))
            inner = frame.inside(Space({}, {}, around) if path.name is not None else around)
            inner.prev = value
            body = self.run(path.body, inner)
            body.single = path.single
            end = self.single(inner.prev, frame, path.node.span)
            paths.append((name, body))
            ends[name or str(number)] = end
            if name is not None:
                around.ids[name] = end
        if not ends:
            self.report(
                "bad-value", "`branches` needs at least one path", statement.key.span, frame=frame
            )
            raise Stop
        merge = self.join(statement, action.merge, "concat", tuple(ends.values()), frame)
        item = BranchesItem(statement, id, inputs, paths, merge)
        item.result = merge.outputs[0] if merge else ends
        return item

    def dense(
        self,
        statement: Statement,
        id: str | None,
        inputs: tuple[Value, ...],
        action: Dense,
        frame: Frame,
    ) -> DenseItem:
        value = self.only(inputs, statement, frame)
        inner = frame.inside(Space({}, {}, frame.space) if id else None)
        inner.prev = value
        body = self.run(action.body, inner)
        end = self.single(inner.prev, frame, statement.key.span)
        merge = self.join(statement, None, "concat", (value, end), frame)
        assert merge is not None
        item = DenseItem(statement, id, inputs, body, merge)
        item.result = merge.outputs[0]
        return item

    def loop(
        self,
        statement: Statement,
        id: str | None,
        inputs: tuple[Value, ...],
        action: For,
        frame: Frame,
    ) -> ForItem:
        rows = self.loop_rows(action, frame)
        prev: Result = self.only(inputs, statement, frame)
        space = Space({}, {}, frame.space) if id else None
        item = ForItem(statement, id, inputs, [])
        for row in rows:
            inner = frame.inside(space, **row)
            inner.prev = prev
            body = self.run(action.body, inner)
            prev = inner.prev if inner.prev is not None else Value(None)
            item.iterations.append((row, body))
        item.result = prev
        return item

    def loop_rows(self, action: For, frame: Frame) -> list[dict[str, Any]]:
        """What each turn binds; several lists go together, item by item."""
        columns: dict[str, list[Any]] = {}
        for key, term in action.names:
            name = str(key.value)
            values = self.value(term, frame)
            if values is UNKNOWN:
                raise Stop
            if not isinstance(values, list):
                self.report(
                    "wrong-type",
                    f"`for` goes through a list, found {kind_of(values)}",
                    term.node.span,
                    frame=frame,
                    help="`$(range(4))` counts 0, 1, 2, 3",
                )
                raise Stop
            columns[name] = values
        lengths = {name: len(values) for name, values in columns.items()}
        if len(set(lengths.values())) > 1:
            listed = ", ".join(f"`{name}` has {n}" for name, n in lengths.items())
            self.report(
                "wrong-length",
                f"lists that go together in `for` are equally long: {listed}",
                action.names[0][0].span,
                frame=frame,
            )
            raise Stop
        return [
            dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)
        ]

    # reuse

    def reuse(
        self,
        statement: Statement,
        id: str | None,
        inputs: tuple[Value, ...],
        action: Reuse,
        frame: Frame,
    ) -> Item:
        name = self.value(action.target, frame)
        if name is UNKNOWN:
            raise Stop
        item = frame.space.find_item(str(name))
        if item is None:
            if frame.space.find(str(name)) is None:
                self.undefined(str(name), action.target, frame)
            raise Stop
        begin = len(self.nodes)
        again = self.again(statement, id, inputs, item, str(name), frame)
        self.share(item, again, self.nodes[begin:], statement, action, frame)
        return again

    def again(
        self,
        statement: Statement,
        id: str | None,
        inputs: tuple[Value, ...],
        item: Item,
        name: str,
        frame: Frame,
    ) -> Item:
        """The same statement on another value."""
        if isinstance(item, OpItem):
            node = self.node(statement, item.node.op, inputs, {}, frame)
            again: Item = OpItem(statement, id, inputs, node)
            again.result = result_of(node)
        elif isinstance(item, BlockItem):
            again = self.expand(statement, id, inputs, item.block, item.arguments, frame)
            again.label, again.owner = name, item.owner or item
        else:
            self.report(
                "bad-reuse",
                f"`{name}` is neither an op nor a block: make it a block to use it twice",
                statement.key.span,
                frame=frame,
            )
            raise Stop
        return again

    def share(
        self,
        first: Item,
        again: Item,
        nodes: list[Node],
        statement: Statement,
        action: Reuse,
        frame: Frame,
    ) -> None:
        """Make the nodes of ``again`` use the weights of those of ``first``."""
        owners = list(nodes_of(first))
        for owner, node in zip(owners, nodes, strict=False):
            node.owner = owner.owner or owner
        lost = any(value.shape is None for node in nodes for value in node.inputs)
        fits = len(owners) == len(nodes) and all(
            type(a.op) is type(b.op) and shapes_of(a) == shapes_of(b)
            for a, b in zip(owners, nodes, strict=False)
        )
        if fits or lost:
            return
        wrong = next(
            (
                (a, b)
                for a, b in zip(owners, nodes, strict=False)
                if shapes_of(a) != shapes_of(b) and b.facts.weights
            ),
            None,
        )
        if wrong is None and len(owners) == len(nodes):
            return
        message = "the shared module does not have the same layers on this value"
        if wrong is not None:
            a, b = wrong
            key = next(k for k, w in a.facts.weights.items() if b.facts.weights.get(k) != w)
            found = b.facts.weights.get(key)
            message = (
                f"the shared `{a.op.name}` has {key} {show_shape(a.facts.weights[key].shape)}, "
                f"this value needs {show_shape(found.shape) if found else 'none'}"
            )
        self.report("bad-reuse", message, statement.key.span, frame=frame, notes=_producers(again.inputs))  # noqa: E501


def shapes_of(node: Node) -> dict[str, Any]:
    return {key: weight.shape for key, weight in node.facts.weights.items()}


def result_of(node: Node) -> Result:
    if len(node.outputs) == 1:
        return node.outputs[0]
    return {str(value.port): value for value in node.outputs}


def literal_ids(statements: tuple[Statement, ...]) -> frozenset[str]:
    """Ids that are plain text, for telling `defined later` from `defined nowhere`."""
    return frozenset(
        str(statement.id.value)
        for statement in statements
        if statement.id is not None and isinstance(statement.id.value, str)
    )


def nodes_of(item: Item) -> list[Node]:
    """Every node under an item, in order."""
    found: list[Node] = []
    _gather(item, found)
    return found


def _gather(item: Item, found: list[Node]) -> None:
    def bodies(*several: Body | None) -> None:
        for body in several:
            for inner in body.items if body else ():
                if inner is not None:
                    _gather(inner, found)

    if isinstance(item, OpItem):
        found.append(item.node)
    elif isinstance(item, (BlockItem, GroupItem)):
        bodies(item.body)
    elif isinstance(item, ResidualItem):
        bodies(item.body, item.shortcut)
        found.extend([item.merge] if item.merge else [])
    elif isinstance(item, BranchesItem):
        bodies(*(body for _, body in item.paths))
        found.extend([item.merge] if item.merge else [])
    elif isinstance(item, DenseItem):
        bodies(item.body)
        found.append(item.merge)
    elif isinstance(item, ForItem):
        bodies(*(body for _, body in item.iterations))
    elif isinstance(item, RepeatItem):
        for inner in item.items:
            _gather(inner, found)


def _producer(value: Value) -> str:
    shape = "unknown" if value.shape is None else show_shape(value.shape)
    if value.node is None:
        return f"{shape}, the input `{value.name}`" if value.name else shape
    line = value.node.span.begin_position.line
    return f"{shape}, from `{value.node.op.name}` at line {line}"


def _producers(values: tuple[Value, ...]) -> tuple[str, ...]:
    return tuple(f"input {n} is {_producer(value)}" for n, value in enumerate(values[:6]))


def _shorten(chain: tuple[str, ...]) -> tuple[str, ...]:
    if len(chain) <= 8:
        return chain
    return (*chain[:4], f"… {len(chain) - 7} more …", *chain[-3:])
