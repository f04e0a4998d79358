"""Changes of a text that leave everything else in it alone: entries taken out, attributes set."""

from __future__ import annotations

import re
from typing import NamedTuple

from graphcnn.diagnostics import Edit
from graphcnn.program import OpUse, Statement
from graphcnn.syntax import Entry, Mapping, Node, Scalar, Sequence


class Step(NamedTuple):
    """An entry of a mapping by its key, or an item of a list by its number."""

    container: Mapping | Sequence
    key: str | int


def removal(*path: Step) -> Edit | None:
    """The edit that takes out the last step of a path; None where the layout makes that unsafe.

    What would be left empty goes with it, up to the first step. In block style whole lines go,
    with the comment behind them; comments above stay.
    """
    *outer, (container, key) = path
    items = _items(container)
    if len(items) == 1 and outer:
        return removal(*outer)
    at = [*container.entries].index(str(key)) if isinstance(container, Mapping) else int(key)
    text, (start, end) = container.file.text, _span(items[at])
    if start > end:
        return None  # an alias, whose value lies elsewhere
    if text[container.start] in "[{":
        after = _span(items[at + 1])[0] if at + 1 < len(items) else None
        return _in_flow(text, (_span(items[at - 1])[1] if at else start, start, end), after)
    line = text.rfind("\n", 0, start) + 1
    if text[line:start].strip(" ") != ("" if isinstance(container, Mapping) else "-"):
        return None
    stop = text.find("\n", end)
    rest = text[end : stop if stop >= 0 else len(text)].strip()
    if rest and not rest.startswith("#"):
        return None
    after = len(text) if stop < 0 else stop + 1
    if _is_blank(text, text.rfind("\n", 0, max(line - 1, 0)) + 1) and _is_blank(text, after):
        after = text.find("\n", after) + 1
    return Edit(line, after, "")


def _is_blank(text: str, line: int) -> bool:
    """Whether the line that begins here is empty, and ends."""
    end = text.find("\n", line)
    return end >= 0 and not text[line:end].strip()


def _in_flow(text: str, places: tuple[int, int, int], after: int | None) -> Edit | None:
    """An item between brackets goes with its comma, and with the space up to the next.

    ``places`` are the end of the item before, and the item's own start and end.
    """
    before, start, end = places
    if after is not None:
        return Edit(start, after, "") if after > end else None
    if before > start:
        return None
    if "#" not in text[before:start]:
        return Edit(before, end, "")
    # The comma before it stays, in front of the comment, so one behind it would be a second.
    comma = re.compile(r"\s*,").match(text, end)
    return Edit(start, comma.end() if comma else end, "")


def _items(container: Mapping | Sequence) -> list[Entry | Node]:
    if isinstance(container, Mapping):
        return [*container.entries.values()]
    return [*container.items]


def _span(item: Entry | Node) -> tuple[int, int]:
    """Where an entry or item begins and ends; of an alias the end may come first."""
    if not isinstance(item, Entry):
        return item.start, item.end
    key, value = item
    return key.start, key.end if _is_empty(value) else value.end


def _is_empty(value: Node) -> bool:
    return isinstance(value, Scalar) and value.start == value.end


def setting(statement: Statement, name: str, value: str) -> Edit | None:
    """The edit that gives an op's attribute a value; None where the layout makes that unsafe."""
    action, node = statement.action, statement.node
    if not isinstance(action, OpUse):
        return None
    given = action.attributes.get(name)
    if given is not None:
        return None if given.computed else Edit(given.node.start, given.node.end, value)
    entry = f"{name}: {value}"
    if isinstance(node, Scalar):
        return Edit(node.end, node.end, f": {{{entry}}}")
    key, held = next(one for one in _entries(node) if one.key is statement.key)
    if held.start < key.end:
        return None  # an alias, whose value lies elsewhere
    if isinstance(held, Mapping):
        return _added(held, entry)
    return _long_form(held, entry, action.op.main)


def _entries(node: Node) -> list[Entry]:
    return [*node.entries.values()] if isinstance(node, Mapping) else []


def _added(held: Mapping, entry: str) -> Edit | None:
    """One more entry at the end of a mapping."""
    text = held.file.text
    if not held.entries:
        return Edit(held.start, held.end, f"{{{entry}}}")
    start, end = _span(_items(held)[-1])
    if text[held.start] == "{":
        return Edit(end, end, f", {entry}")
    indent = text[text.rfind("\n", 0, start) + 1 : start]
    stop = text.find("\n", end)
    if indent.strip(" ") or stop < 0:
        return None
    new_line = "\r\n" if text[stop - 1] == "\r" else "\n"
    return Edit(stop + 1, stop + 1, f"{indent}{entry}{new_line}")


def _long_form(held: Node, entry: str, main: str | None) -> Edit | None:
    """`conv: 8` as `conv: {out: 8, entry}`."""
    if not isinstance(held, Scalar) or _is_empty(held) or main is None:
        return None
    text = held.file.text[held.start : held.end]
    if "\n" in text or (not held.quoted and any(mark in text for mark in ",[]{}")):
        return None
    return Edit(held.start, held.end, f"{{{main}: {text}, {entry}}}")
