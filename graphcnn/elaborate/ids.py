"""The ids of statements: what they come to, and whether they are free."""

from __future__ import annotations

import keyword

from graphcnn.elaborate.scope import Frame
from graphcnn.evaluate import said
from graphcnn.program import MAX_NAME, Term, is_identifier
from graphcnn.size import UNKNOWN
from graphcnn.source import Span


def read_id(term: Term, frame: Frame) -> str | None:
    """The id that a statement is given; None, and reported, where it cannot have it."""
    value = frame.value(term)
    if value is UNKNOWN:
        frame.space.blurred = True
        return None
    name = str(value) if isinstance(value, (str, int)) else ""
    span = term.node.span
    if not is_identifier(name):
        frame.report("bad-name", f"{said(value)} cannot be an id", span, help=_reason(name))
        return None
    return name if is_free(name, span, frame) else None


def _reason(name: str) -> str:
    if keyword.iskeyword(name):
        return f"it is a word of Python's: `{name}_` would do"
    if len(name) > MAX_NAME:
        return f"an id has at most {MAX_NAME} characters"
    if name[:1].isdigit():
        return f"an id begins with a letter: `_{name}` would do"
    return "an id has letters, digits and `_`"


def is_free(name: str, span: Span, frame: Frame) -> bool:
    if name == "prev":
        help = "it names the value before a statement"
        frame.report("bad-name", "`prev` cannot be an id", span, help=help)
        return False
    if name not in frame.space.ids:
        return True
    first = frame.space.items.get(name)
    term = first.statement.id if first is not None else None
    help = f"such as `{name}2`"
    notes: tuple[str, ...] = ()
    if term is not None and term.node.span == span:
        help = "number it, such as `name$(i)`, or give the loop around it an id of its own"
    elif name in frame.place.program.inputs and first is None:
        notes = ("it is an input of the network",)
    elif term is not None:
        notes = (f"first given in line {term.node.span.begin_position.line}",)
    frame.report("duplicate-id", f"the id `{name}` is taken", span, help=help, notes=notes)
    return False
