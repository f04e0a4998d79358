"""The inputs of a graph: sizes that are numbers, symbols, or sums and multiples of symbols."""

from __future__ import annotations

from typing import Any

from graphcnn.elaborate.freeing import BadSymbol, symbolic
from graphcnn.elaborate.infer import MAX_RANK
from graphcnn.elaborate.scope import Frame
from graphcnn.evaluate import evaluate, kind_of, said
from graphcnn.expression import Expr, ExpressionError, parse_text
from graphcnn.ir import Value
from graphcnn.program import Program, expression_diagnostic, text_offset
from graphcnn.size import UNKNOWN, Size, Symbolic, Unknown, at_least
from graphcnn.syntax import Node, Scalar, Sequence


def graph_inputs(program: Program, frame: Frame) -> dict[str, Value]:
    """The declared inputs as values; `[3, H, 32*W]` makes H and W symbols, positive integers."""
    return {
        name: Value(_shape(node, frame), name=name) for name, (_, node) in program.inputs.items()
    }


def _shape(node: Node, frame: Frame) -> tuple[Size, ...] | None:
    if id(node) in frame.place.program.refused:
        return None
    if isinstance(node, Sequence):
        if _is_high(len(node.items), node, frame):
            return None
        return tuple(_size(item, _value(item, frame), frame) for item in node.items)
    value = _value(node, frame)
    if isinstance(value, list) and value:
        if _is_high(len(value), node, frame):
            return None
        return tuple(_size(node, item, frame) for item in value)
    if value is not UNKNOWN:
        message = f"an input is a list of sizes, found {kind_of(value)}"
        frame.report("wrong-type", message, node.span, help="such as `[3, 224, 224]`")
    return None


def _is_high(rank: int, node: Node, frame: Frame) -> bool:
    if rank <= MAX_RANK:
        return False
    message = f"an input has at most {MAX_RANK} sizes, found {rank}"
    frame.report("wrong-length", message, node.span)
    return True


def _size(node: Node, value: Any, frame: Frame) -> Size:
    if isinstance(value, Unknown):
        return value
    if isinstance(value, (int, Symbolic)) and type(value) is not bool and at_least(value, 1):
        return value
    message = f"a size is an integer of at least 1, found {said(value)}"
    help = None
    if isinstance(value, Symbolic):
        help = "symbols are at least 1: the size must be positive for all of them"
    frame.report("bad-value", message, node.span, help=help)
    return UNKNOWN


def _value(node: Node, frame: Frame) -> Any:
    if not isinstance(node, Scalar) or id(node) in frame.place.program.refused:
        return UNKNOWN
    text = node.value
    if not isinstance(text, str):
        return text
    try:
        if "$" not in text:
            return symbolic(text, text_offset(node) - 2, frame.names, frame.place.state.budget)
        expr = parse_text(text, text_offset(node))
        if not isinstance(expr, Expr):
            return expr
        return evaluate(expr, frame.names, frame.place.state.budget)
    except BadSymbol as error:
        frame.report(error.code, error.message, node.span, help=error.help)
        return UNKNOWN
    except ExpressionError as error:
        found = expression_diagnostic(error, node)
        frame.report(found.code, found.message, found.span, help=found.help)
        return UNKNOWN
