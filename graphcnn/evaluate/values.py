"""What expressions come to, the names they see, and the bounds that keep them small."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import islice
from typing import Any

from graphcnn.diagnostics import MAX_COMPARED, did_you_mean
from graphcnn.expression import Expr, ExpressionError
from graphcnn.size import MAX_INTEGER, UNKNOWN, Symbolic

Scope = Mapping[str, Any]

MAX_ITEMS = 10_000
MAX_LIST_DEPTH = 20
MAX_TEXT = 10_000


class Names(Mapping[str, Any]):
    """Names in one place, in front of those around it; cheap to make, however many there are."""

    __slots__ = ("local", "outer")

    def __init__(self, local: Mapping[str, Any], outer: Mapping[str, Any] | None = None) -> None:
        self.local = local
        self.outer = outer

    def __getitem__(self, name: str) -> Any:
        scope: Mapping[str, Any] | None = self
        while type(scope) is Names:
            if name in scope.local:
                return scope.local[name]
            scope = scope.outer
        if scope is None:
            raise KeyError(name)
        return scope[name]

    def __iter__(self) -> Iterator[str]:
        yield from self.local
        if self.outer is not None:
            yield from (name for name in self.outer if name not in self.local)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Budget:
    """The work that one compilation may still spend on expressions."""

    def __init__(self, steps: int = 2_000_000) -> None:
        self.steps = steps

    def spend(self, steps: int, at: Expr) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise error("too-much-work", "the spec's expressions take too much work", at)


def error(
    code: str, message: str, at: Expr, help: str | Callable[[], str | None] | None = None
) -> ExpressionError:
    return ExpressionError(code, message, at.start, at.end, help)


def undecided(condition: str, at: Expr) -> ExpressionError:
    return error(
        "undecided",
        f"`{condition}` holds for some sizes and not for others",
        at,
        "give the input a fixed size, or one that is a multiple, such as `32*H`",
    )


def is_tensor(value: object) -> bool:
    """A tensor is what has a shape; None is a shape lost to an earlier error."""
    return hasattr(value, "shape")


def is_number(value: object) -> bool:
    return isinstance(value, (int, float, Symbolic)) and not isinstance(value, bool)


def kind_of(value: object) -> str:
    """What a value is, in a spec author's words."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, Symbolic)):
        return "an integer"
    if isinstance(value, float):
        return "a number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, Mapping):
        return f"{len(value)} outputs"
    return "a tensor"


def said(value: object) -> str:
    """A value as a message shows it: itself where it is short, else what it is."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"`{value}`" if len(value) <= 40 else f"`{value[:39]}…`"
    if is_number(value):
        text = str(value)
        return text if len(text) <= 80 else kind_of(value)
    return kind_of(value)


def checked(value: Any, at: Expr) -> Any:
    """A number, if it is one that a spec can use."""
    if type(value) is int:
        if -MAX_INTEGER < value < MAX_INTEGER:
            return value
    elif isinstance(value, float):
        if math.isfinite(value):
            return value
    elif not isinstance(value, complex):
        return value
    raise error("bad-number", "the result is out of range", at)


def too_many(at: Expr) -> ExpressionError:
    message = f"a list of more than {MAX_ITEMS:,} items, counting those of lists in it"
    return error("too-much-work", message, at)


def measure(items: list[Any], depth: int = 1) -> int:
    """How many values a list holds, those in inner lists included, as far as ``MAX_ITEMS``.

    Lists within lists can share, and so hold more than there is memory for. A list that is too
    deep counts as too large.
    """
    count = len(items)
    for item in items:
        if type(item) is list:
            count += measure(item, depth + 1) if depth < MAX_LIST_DEPTH else MAX_ITEMS
            if count > MAX_ITEMS:
                break
    return count


def bounded(items: list[Any], at: Expr, budget: Budget) -> list[Any]:
    """A list that has just been made, if it is not too large."""
    count = measure(items)
    if count > MAX_ITEMS:
        raise too_many(at)
    budget.spend(count, at)
    return items


def bounded_text(text: str, at: Expr) -> str:
    if len(text) > MAX_TEXT:
        raise error("too-much-work", f"a text of more than {MAX_TEXT:,} characters", at)
    return text


def holds_unknown(value: object) -> bool:
    return value is UNKNOWN or (isinstance(value, list) and any(map(holds_unknown, value)))


def name_help(name: str, visible: Collection[str]) -> str:
    """What to tell someone who wrote a name that is not defined."""
    if name.lower() in ("true", "false", "none"):
        return f"write `{name.lower()}`"
    if name == "prev" and "in" in visible:
        return "write `in`: expressions call the value before the statement so"
    known = sorted(islice(visible, MAX_COMPARED))
    listed = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
    if not known:
        return "no name is defined here"
    return did_you_mean(name, known) or f"the names here are {listed}"
