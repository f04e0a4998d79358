"""The inputs of a graph: sizes that are numbers, symbols, or sums and multiples of symbols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphcnn.evaluate import Names, evaluate, kind_of
from graphcnn.expression import Expr, ExpressionError, Name, names_in, parse_text
from graphcnn.ir import Value
from graphcnn.program import Program, expression_diagnostic, is_identifier, text_offset
from graphcnn.size import UNKNOWN, Size, Symbolic, Unknown, at_least, symbol
from graphcnn.syntax import Node, Scalar, Sequence

if TYPE_CHECKING:
    from graphcnn.elaborate import Elaborator, Frame


def graph_inputs(
    elaborator: Elaborator, program: Program, scope: dict[str, Any]
) -> dict[str, Value]:
    """The declared inputs as values; `[3, H, 32*W]` makes H and W symbols, positive integers."""
    frame = elaborator.arguments.bare_frame(program, scope)
    found: dict[str, Value] = {}
    for name, (key, node) in program.inputs.items():
        if not is_identifier(name):
            elaborator.report("bad-name", f"`{name[:40]}` cannot be a name", key.span)
            continue
        shape = _sizes(elaborator, node, frame)
        found[name] = Value(shape, name=name)
    return found


def _sizes(elaborator: Elaborator, node: Node, frame: Frame) -> tuple[Size, ...] | None:
    if isinstance(node, Sequence):
        return tuple(_size(elaborator, item, frame) for item in node.items)
    value = _evaluate(elaborator, node, frame)
    if isinstance(value, list):
        return tuple(_positive(elaborator, node, item) for item in value)
    if value is not UNKNOWN:
        elaborator.report(
            "wrong-type", f"an input is a list of sizes, found {kind_of(value)}", node.span
        )
    return None


def _size(elaborator: Elaborator, node: Node, frame: Frame) -> Size:
    return _positive(elaborator, node, _evaluate(elaborator, node, frame))


def _positive(elaborator: Elaborator, node: Node, value: Any) -> Size:
    if isinstance(value, Unknown):
        return UNKNOWN
    if isinstance(value, Symbolic) or type(value) is int:
        if at_least(value, 1):
            return value
    elaborator.report(
        "bad-value", f"a size is an integer of at least 1, found {value}", node.span
    )
    return UNKNOWN


def _evaluate(elaborator: Elaborator, node: Node, frame: Frame) -> Any:
    if not isinstance(node, Scalar):
        return UNKNOWN
    value = node.value
    if not isinstance(value, str):
        return value
    try:
        if "$" in value:
            expr = parse_text(value, text_offset(node))
            names = frame.names
        else:
            # without a `$`, names that are no parameters are symbols: `32*H`
            expr = parse_text(f"$({value})", text_offset(node) - 2)
            free = names_in(expr) if isinstance(expr, Expr) else frozenset()
            names = Names({name: symbol(name) for name in sorted(free)}, frame.names)
        if isinstance(expr, Name) and "$" not in value:
            return symbol(expr.name)
        return evaluate(expr, names, elaborator.budget) if isinstance(expr, Expr) else expr
    except ExpressionError as error:
        diagnostic = expression_diagnostic(error, node)
        elaborator.report(
            diagnostic.code, diagnostic.message, diagnostic.span, help=diagnostic.help
        )
        return UNKNOWN
