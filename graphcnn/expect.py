"""What a spec says of itself under `expect`, held against what came out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import islice
from typing import TypeVar

from graphcnn import counts
from graphcnn.diagnostics import Diagnostic, did_you_mean
from graphcnn.evaluate import Budget, Names, evaluate, kind_of
from graphcnn.expression import Expr, ExpressionError, names_in, parse_text
from graphcnn.ir import Node as GraphNode
from graphcnn.ir import Value
from graphcnn.model import CompiledModel
from graphcnn.ops.base import Shape, show_shape
from graphcnn.program import expression_diagnostic, text_offset
from graphcnn.size import UNKNOWN, Size, Symbolic, Unknown, equal, symbol
from graphcnn.size.comparison import Comparison, exactly, read_comparison
from graphcnn.syntax import Mapping, Node, Scalar
from graphcnn.syntax import Sequence as SequenceNode

_Measure = Callable[[GraphNode], Size]
_Cost = TypeVar("_Cost", int, int | Fraction)

#: what can be counted, each with what a node adds to it
MEASURES: dict[str, _Measure] = {
    "params": counts.params,
    "buffers": counts.buffers,
    "macs": counts.macs,
    "activations": counts.activations,
}

#: how many expectations that fail are reported
MOST = 100

_KEYS = (*MEASURES, "receptive_field", "outputs", "layers")
_COSTLIEST = 5


def check_expectations(model: CompiledModel) -> list[Diagnostic]:
    """Every expectation of the model's spec that does not hold.

    Values that the JSON Schema refuses are passed over: it has reported them.
    """
    root = model.program.root.get("expect")
    found = _Checker(model).check(root) if isinstance(root, Mapping) else ()
    return list(islice(found, MOST))


class _Checker:
    def __init__(self, model: CompiledModel) -> None:
        self.model = model
        self.graph = model.ir

    def check(self, root: Mapping) -> Iterator[Diagnostic]:
        variants = self.model.program.variants
        for name, (key, node) in root.entries.items():
            if name in _KEYS:
                yield from self.one(name, node)
            elif name in variants:
                if name == self.model.variant and isinstance(node, Mapping):
                    for what, (_, value) in node.entries.items():
                        yield from self.one(what, value)
            elif id(node) not in self.model.program.refused:
                yield Diagnostic(
                    "unknown-variant",
                    f"the spec has no variant `{name}`",
                    key.span,
                    help=did_you_mean(name, (*variants, *_KEYS)),
                )

    def one(self, what: str, node: Node) -> Iterator[Diagnostic]:
        if what in MEASURES:
            yield from self.measure(what, node)
        elif what == "receptive_field":
            yield from self.receptive_field(node)
        elif what == "outputs":
            values = {name: output.value for name, output in self.graph.outputs.items()}
            yield from self.shapes("output", values, node)
        elif what == "layers":
            layers = {node.name: node.outputs[0] for node in self.graph.nodes}
            yield from self.shapes("layer", layers, node)

    # numbers

    def measure(self, what: str, node: Node) -> Iterator[Diagnostic]:
        wanted = _wanted(node)
        if wanted is not None:
            found = counts.total(map(MEASURES[what], self.graph.nodes))
            yield from self.compare(what, found, wanted, node, self.costliest(what, found))

    def receptive_field(self, node: Node) -> Iterator[Diagnostic]:
        found = counts.receptive_field(self.graph)
        if found is None:
            yield _failed("the network has no spatial axes to have a receptive field along", node)
        elif not isinstance(node, SequenceNode):
            # Said of every axis; what is wrong along several is one mistake.
            for axis, size in enumerate(found):
                failures = [*self.along(axis, size, node)]
                if failures:
                    yield failures[0]
                    return
        elif len(node.items) != len(found):
            yield _failed(
                f"receptive_field has {len(found)} axes, {len(node.items)} expected", node
            )
        else:
            for axis, (size, item) in enumerate(zip(found, node.items, strict=True)):
                yield from self.along(axis, size, item)

    def along(self, axis: int, found: int, node: Node) -> Iterator[Diagnostic]:
        """The receptive field along one axis."""
        wanted = _wanted(node)
        if wanted is not None:
            yield from self.compare(
                "receptive_field", found, wanted, node, self.widest(axis, found)
            )

    def compare(
        self, what: str, found: Size, wanted: Comparison, node: Node, reasons: Iterator[str]
    ) -> Iterator[Diagnostic]:
        """``reasons`` say where a number comes from that is too large."""
        unknown = isinstance(found, Unknown)  # it has no short form
        verdict = None if unknown else wanted.holds(found)
        if verdict:
            return
        if verdict is None:
            shown = "" if unknown else f": {found}"
            yield _failed(
                f"{what} depends on the size of the input{shown}, expected {wanted.text}",
                node,
                help="give the input a fixed size, or leave this expectation out",
            )
            return
        shown = f"{found:,}" if isinstance(found, int) else str(found)
        notes: tuple[str, ...] = ()
        distance = ""
        if isinstance(found, int):
            distance = _distance(found, wanted)
            if found > wanted.amount:
                notes = tuple(reasons)
        yield _failed(f"{what}: found {shown}, expected {wanted.text}{distance}", node, notes)

    def costliest(self, what: str, total: Size) -> Iterator[str]:
        """The layers that most of a sum comes from, once it is known to be a number."""
        costs = [(node, int(cost)) for node in self.graph.nodes if (cost := MEASURES[what](node))]
        for node, cost in _largest(costs):
            yield f"{cost:,} of them ({cost / int(total):.1%}) in {self.placed(node)}"

    def widest(self, axis: int, total: int) -> Iterator[str]:
        """The layers that widen the receptive field most."""
        for node, added in _largest(counts.widening(self.graph, axis)):
            cells = f"{int(added):,}" if added.denominator == 1 else f"{float(added):,.2f}"
            yield f"{cells} of them ({float(added / total):.1%}) by {self.placed(node)}"

    def placed(self, node: GraphNode) -> str:
        """A layer and where the spec asks for it."""
        file, line = node.span.file, node.span.begin_position.line
        place = f"line {line}" if file is self.model.program.file else f"{file.name}:{line}"
        return f"`{node.name}` ({node.op.name}, {place})"

    # shapes

    def shapes(self, kind: str, values: dict[str, Value], node: Node) -> Iterator[Diagnostic]:
        if not isinstance(node, Mapping):
            return
        for name, (key, entry) in node.entries.items():
            if name not in values:
                yield Diagnostic(
                    "expectation-failed",
                    f"the network has no {kind} `{name}`",
                    key.span,
                    help=did_you_mean(name, values) or _listed(kind, values),
                )
                continue
            found = values[name].shape or ()
            try:
                wanted = self.shape(entry)
            except ExpressionError as error:
                yield expression_diagnostic(error, entry)
                continue
            if wanted is not None and not _same(found, wanted):
                yield _failed(
                    f"{kind} `{name}`: found {show_shape(found)}, expected {show_shape(wanted)}",
                    entry,
                )

    def shape(self, node: Node) -> Shape | None:
        """The sizes in an expected shape; None where the schema has refused it."""
        if isinstance(node, SequenceNode):
            sizes = [self.size(item) for item in node.items if isinstance(item, Scalar)]
            return tuple(sizes) if len(sizes) == len(node.items) else None
        if isinstance(node, Scalar) and isinstance(node.value, str) and "$" in node.value:
            value = self.evaluate(node.value, node)
            items = value if isinstance(value, list) else [value]
            return tuple(_as_size(item, node) for item in items)
        return None

    def size(self, node: Scalar) -> Size:
        value = node.value
        return _as_size(self.evaluate(value, node) if isinstance(value, str) else value, node)

    def evaluate(self, text: str, node: Scalar) -> object:
        """A text in a shape: an expression, or symbols of the input such as `32*H`."""
        names = Names(self.graph.scope)
        if "$" in text:
            expr = parse_text(text, text_offset(node))
        else:
            expr = parse_text(f"$({text})", text_offset(node) - 2)
            if isinstance(expr, Expr):
                names = Names({name: _symbol(name, node) for name in sorted(names_in(expr))}, names)
        return evaluate(expr, names, Budget()) if isinstance(expr, Expr) else expr


def _symbol(name: str, node: Scalar) -> Size:
    try:
        return symbol(name)
    except ValueError:
        message = f"`{name}` cannot name a size"
        raise ExpressionError("bad-name", message, node.start, node.end) from None


def _failed(
    message: str, node: Node, notes: Sequence[str] = (), help: str | None = None
) -> Diagnostic:
    return Diagnostic("expectation-failed", message, node.span, tuple(notes), help)


def _wanted(node: Node) -> Comparison | None:
    """What an expected number says; None where the schema has refused it."""
    if not isinstance(node, Scalar):
        return None
    value = node.value
    if isinstance(value, int) and not isinstance(value, bool):
        return exactly(value)
    wanted = read_comparison(value) if isinstance(value, str) else None
    return None if wanted is None or wanted.relation == "=" else wanted


def _largest(costs: list[tuple[GraphNode, _Cost]]) -> list[tuple[GraphNode, _Cost]]:
    """Those that cost most; of equals the first in the graph, since Python's sort is stable."""
    return sorted(costs, key=lambda pair: -pair[1])[:_COSTLIEST]


def _distance(found: int, wanted: Comparison) -> str:
    """By how much a number is off, in itself and in proportion."""
    difference = found - wanted.amount
    if not difference:
        return ""
    amount = abs(difference)
    shown = f"{int(amount):,}" if amount.denominator == 1 else f"{float(amount):,}"
    direction = "more" if difference > 0 else "fewer"
    share = float(amount / wanted.amount) if wanted.amount else 0
    return f" ({shown} {direction}{f', {share:.2%}' if share >= 0.0001 else ''})"


def _same(found: Shape, wanted: Shape) -> bool:
    return len(found) == len(wanted) and all(
        equal(a, b) is True or a is UNKNOWN or b is UNKNOWN
        for a, b in zip(found, wanted, strict=True)
    )


def _as_size(value: object, node: Node) -> Size:
    if isinstance(value, (Symbolic, Unknown, int)) and not isinstance(value, bool):
        return value
    raise ExpressionError(
        "wrong-type", f"a size is an integer, found {kind_of(value)}", node.start, node.end
    )


def _listed(kind: str, values: dict[str, Value]) -> str:
    shown = list(values)[:12]
    return f"its {kind}s are {', '.join(shown)}{', …' if len(values) > len(shown) else ''}"
