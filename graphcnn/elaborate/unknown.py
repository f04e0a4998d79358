"""Going on where an error hides what would have happened."""

from __future__ import annotations

from graphcnn.elaborate.scope import Frame
from graphcnn.elaborate.state import Stop
from graphcnn.evaluate import kind_of
from graphcnn.ir import Result, Value
from graphcnn.program import Term
from graphcnn.size import UNKNOWN, Size, Unknown, equal


def truth(term: Term, word: str, frame: Frame) -> bool | Unknown:
    """The value of a condition: True, False or UNKNOWN; Stop, reported, where it is none."""
    value = frame.value(term)
    if isinstance(value, (bool, Unknown)):
        return value
    frame.report(
        "when-not-boolean",
        f"`{word}` is true or false, found {kind_of(value)}",
        term.node.span,
        help="compare it: `$(name != 0)`",
    )
    raise Stop


def either(a: Result | None, b: Result | None) -> Value:
    """What is known of a value that is one of two."""
    if not isinstance(a, Value) or not isinstance(b, Value) or a.shape is None or b.shape is None:
        return Value(None)
    if len(a.shape) != len(b.shape):
        return Value(None)
    shape = tuple(_either(x, y) for x, y in zip(a.shape, b.shape, strict=True))
    return b if shape == b.shape else Value(shape, b.node, b.port, b.name)


def lost(result: Result | None) -> Value:
    """A value of which only the rank is still known."""
    if isinstance(result, Value) and result.shape is not None:
        return Value((UNKNOWN,) * len(result.shape), result.node, result.port)
    return Value(None)


def _either(a: Size, b: Size) -> Size:
    return a if equal(a, b) else UNKNOWN
