"""Entries of mappings and items of lists, taken out of a text that is otherwise left alone."""

from __future__ import annotations

from typing import NamedTuple

from graphcnn.diagnostics import Edit
from graphcnn.syntax import Mapping, Scalar, Sequence


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
    spans = _spans(container)
    if len(spans) == 1 and outer:
        return removal(*outer)
    at = [*container.entries].index(str(key)) if isinstance(container, Mapping) else int(key)
    text, (start, end) = container.file.text, spans[at]
    if any(begin > finish for begin, finish in spans):
        return None  # an alias, whose value lies elsewhere
    if text[container.start] in "[{":
        return _in_flow(text, spans, at)
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


def _in_flow(text: str, spans: list[tuple[int, int]], at: int) -> Edit:
    """An item between brackets goes with its comma, and with the space up to the next."""
    start, end = spans[at]
    if at + 1 < len(spans):
        return Edit(start, spans[at + 1][0], "")
    before = spans[at - 1][1] if at else start
    return Edit(start if "#" in text[before:start] else before, end, "")


def _spans(container: Mapping | Sequence) -> list[tuple[int, int]]:
    """Where each entry or item begins and ends."""
    if isinstance(container, Sequence):
        return [(item.start, item.end) for item in container.items]
    return [
        (key.start, key.end if _is_empty(value) else value.end)
        for key, value in container.entries.values()
    ]


def _is_empty(value: object) -> bool:
    return isinstance(value, Scalar) and value.start == value.end
