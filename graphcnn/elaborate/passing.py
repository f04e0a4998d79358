"""What passes by a statement that `when` leaves out, or that is repeated no times."""

from __future__ import annotations

from graphcnn.elaborate.lookup import find, sources
from graphcnn.elaborate.scope import Frame, Passing
from graphcnn.elaborate.state import Stop
from graphcnn.ir import Result, Value
from graphcnn.program import Statement, Term
from graphcnn.size import UNKNOWN


def passing(statement: Statement, frame: Frame) -> Result | None:
    """The value that the statement would have taken; of several, the one before it.

    Where that is none of them it is open which of them is meant, until someone reads it. Names that
    were left out themselves stand for what passed by there, and those that are nowhere for nothing:
    a statement that is not there has no errors.
    """
    if statement.source is None:
        return frame.prev
    with frame.place.state.muted():
        found = [_value(term, frame) for term in sources(statement.source, frame)]
    values = [value for value in found if value is not None]
    if not values or any(value is frame.prev for value in values):
        return frame.prev
    if all(value is values[0] for value in values):
        return values[0]
    named = {str(k): value for k, value in enumerate(values) if isinstance(value, Value)}
    return Passing(named, line=statement.span.begin_position.line)


def _value(term: Term, frame: Frame) -> Result | None:
    name = frame.value(term)
    if name is UNKNOWN:
        return None
    first = name.partition(".")[0] if isinstance(name, str) else None
    if first is not None and frame.space.find(first) is None:
        space = next((one for one in frame.space.chain() if first in one.left_out), None)
        if space is not None:
            return space.left_out[first]
    try:
        return find(term, frame)
    except Stop:
        return None
