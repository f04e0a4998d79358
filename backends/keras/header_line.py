"""The `for` line above a loop's body."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphcnn.backends.keras.place import Loop
from graphcnn.backends.python.identifiers import names_in
from graphcnn.backends.python.precedence import shifted
from graphcnn.backends.python.printer import Text, literal
from graphcnn.backends.python.wording import frozen


def header(loop: Loop, body: Sequence[str]) -> str:
    """``for stage, depth in enumerate((3, 4, 6, 3)):``, with the names that the body reads."""
    read = {name for line in body for name in names_in(line)}
    used = [name for name in (*loop.names.values(), *loop.columns) if name in read]
    if loop.times is not None or loop.counter in used or not used:
        return _counted(loop, [name for name in used if name != loop.counter], used)
    return _over(used, [_source(loop, name) for name in used])


def _counted(loop: Loop, others: list[str], used: list[str]) -> str:
    counter = loop.counter if loop.counter in used else "_"
    sources = [_source(loop, name) for name in others]
    if not others:
        count = _count(loop)
        if loop.begin and counter == "_":
            known = isinstance(count, int)
            count = count - loop.begin if known else Text(shifted(str(count), -loop.begin))
            return f"for _ in range({count}):"
        begin = f"{loop.begin}, " if loop.begin else ""
        return f"for {counter} in range({begin}{literal(count)}):"
    if counter == "_":
        return _over(others, sources)
    start = f", start={loop.begin}" if loop.begin else ""
    names = others[0] if len(others) == 1 else f"({', '.join(others)})"
    return f"for {counter}, {names} in enumerate({_joined(sources)}{start}):"


def _over(names: list[str], sources: list[Any]) -> str:
    return f"for {', '.join(names)} in {_joined(sources)}:"


def _joined(sources: list[Any]) -> str:
    """One thing to go over: a tuple of values or of rows, or what arguments hold side by side."""
    if len(sources) == 1:
        return literal(sources[0])
    if all(isinstance(source, tuple) for source in sources):
        return literal(tuple(zip(*sources, strict=True)))
    return f"zip({', '.join(literal(source) for source in sources)}, strict=True)"


def _source(loop: Loop, name: str) -> Any:
    """What a name goes through: a tuple, or the text of one."""
    outer = loop.outer
    if name in loop.columns:
        return outer.value(loop.rows_of(name), None, _plural(name))
    own = next(key for key, spoken in loop.names.items() if spoken == name)
    values = [tuple(frozen(row[own]) for row in rows) for rows in loop.rows]
    words = outer.words(loop.terms.get(own), {}, _plural(name))
    return outer.value(values, words, _plural(name))


def _plural(name: str) -> str:
    """`strides`, and `all_strides` for several of those."""
    return f"all_{name}" if name.endswith("s") else f"{name}s"


def _count(loop: Loop) -> Any:
    counts = [len(rows) + loop.begin for rows in loop.rows]
    words = loop.outer.words(loop.times, {}, "depth")
    return loop.outer.value(counts, words, "depth")
