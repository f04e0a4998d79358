"""The kinds of attributes that ops have: what is accepted, its JSON Schema, and how it reads.

A kind says all about one sort of value, once: ``schema`` for the JSON Schema (which sees the
value before its expressions are evaluated), ``read`` for the value after that, ``describe``
for the documentation. ``read`` normalises (lists become tuples) and raises ``ValueError`` with
a sentence that says what was expected.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from graphcnn.size import UNKNOWN, Symbolic, Unknown, at_least

JsonSchema = dict[str, Any]

#: An attribute given as `$name` or `$(…)` is known only after elaboration.
EXPRESSION: JsonSchema = {"$ref": "#/$defs/expression"}


def or_expression(schema: JsonSchema) -> JsonSchema:
    """``schema``, or an expression in its place.

    Written as if/else and not as anyOf, so that a validator reports the one failure that
    matters instead of two alternatives.
    """
    return {"if": EXPRESSION, "else": schema}


def show(value: object) -> str:
    """A value as a spec would write it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(show(item) for item in value)}]"
    return f"`{value}`" if isinstance(value, str) else str(value)


_LITERAL = re.compile(
    r"[tT]rue|TRUE|[fF]alse|FALSE|none|[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?"
)


def is_quoted_literal(value: object) -> bool:
    """Whether a text, once its quotes are gone, reads as a number, a boolean or none."""
    return isinstance(value, str) and _LITERAL.fullmatch(value) is not None


class Kind(ABC):
    """One sort of attribute value."""

    @abstractmethod
    def schema(self) -> JsonSchema:
        """The JSON Schema of a value that holds no expression at its top."""

    @abstractmethod
    def read(self, value: Any) -> Any:
        """The normalised value; ValueError where it is not of this kind."""

    @abstractmethod
    def describe(self) -> str:
        """What a person is told to write: `an integer of at least 1`."""

    def wrong(self, value: object) -> ValueError:
        found = f"the text {show(value)}" if is_quoted_literal(value) else show(value)
        return ValueError(f"expected {self.describe()}, found {found}")


@dataclass(frozen=True)
class Integer(Kind):
    """A whole number; where it is ``fixed``, one that symbolic sizes cannot enter."""

    minimum: int | None = None
    fixed: bool = False

    def schema(self) -> JsonSchema:
        bound = {} if self.minimum is None else {"minimum": self.minimum}
        return {"type": "integer", **bound}

    def read(self, value: Any) -> Any:
        if isinstance(value, Unknown):
            return value
        if isinstance(value, Symbolic) and not self.fixed:
            if self.minimum is not None and not at_least(value, self.minimum):
                raise self.wrong(value)
            return value
        # bool is an int to Python, never to the author of a spec
        if type(value) is not int or (self.minimum is not None and value < self.minimum):
            raise self.wrong(value)
        return value

    def describe(self) -> str:
        return "an integer" + ("" if self.minimum is None else f" of at least {self.minimum}")


#: An axis of a sample: from 0, the channels, or from the end, -1 the last.
AXIS = Integer(fixed=True)


@dataclass(frozen=True)
class Number(Kind):
    """A float; integers are taken as such. ``above`` is an exclusive bound."""

    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None

    def schema(self) -> JsonSchema:
        bounds = {
            "minimum": self.minimum,
            "maximum": self.maximum,
            "exclusiveMinimum": self.above,
        }
        return {"type": "number", **{k: v for k, v in bounds.items() if v is not None}}

    def read(self, value: Any) -> Any:
        if value is UNKNOWN:
            return value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.wrong(value)
        if (
            (self.minimum is not None and value < self.minimum)
            or (self.maximum is not None and value > self.maximum)
            or (self.above is not None and value <= self.above)
        ):
            raise self.wrong(value)
        return float(value)

    def describe(self) -> str:
        parts = []
        if self.minimum is not None:
            parts.append(f"of at least {self.minimum:g}")
        if self.above is not None:
            parts.append(f"above {self.above:g}")
        if self.maximum is not None:
            parts.append(f"of at most {self.maximum:g}")
        return " and ".join(["a number", *parts]).replace("number and", "number", 1)


@dataclass(frozen=True)
class Boolean(Kind):
    def schema(self) -> JsonSchema:
        return {"type": "boolean"}

    def read(self, value: Any) -> Any:
        if value is UNKNOWN or isinstance(value, bool):
            return value
        raise self.wrong(value)

    def describe(self) -> str:
        return "true or false"


class Choice(Kind):
    """One of a few words."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def schema(self) -> JsonSchema:
        return {"enum": list(self.words)}

    def read(self, value: Any) -> Any:
        if value is UNKNOWN or value in self.words:
            return value
        raise self.wrong(value)

    def describe(self) -> str:
        return " or ".join(f"`{word}`" for word in self.words)


@dataclass(frozen=True)
class PerAxis(Kind):
    """One value for all spatial axes, or a list with one per axis."""

    item: Kind

    def schema(self) -> JsonSchema:
        one = self.item.schema()
        several = {
            "type": "array",
            "items": or_expression(one),
            "minItems": 1,
            "maxItems": 3,
        }
        return {"if": {"type": "array"}, "then": several, "else": one}

    def read(self, value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            if not value:
                raise self.wrong(value)
            return tuple(self.item.read(item) for item in value)
        return self.item.read(value)

    def describe(self) -> str:
        return f"{self.item.describe()}, or one per axis"


@dataclass(frozen=True)
class Listing(Kind):
    """A list of values of one kind, such as the axes of a permutation."""

    item: Kind

    def schema(self) -> JsonSchema:
        return {"type": "array", "items": or_expression(self.item.schema()), "minItems": 1}

    def read(self, value: Any) -> Any:
        if value is UNKNOWN:
            return value
        if not isinstance(value, (list, tuple)) or not value:
            raise self.wrong(value)
        return tuple(self.item.read(item) for item in value)

    def describe(self) -> str:
        return f"a list, each {self.item.describe()}"


class Amounts(Kind):
    """An amount, one per axis, or a ``[before, after]`` pair per axis."""

    #: how many axes a list may name
    most = 4

    def schema(self) -> JsonSchema:
        amount = Integer(0).schema()
        pair = {"type": "array", "items": or_expression(amount), "minItems": 2, "maxItems": 2}
        per_axis = {
            "type": "array",
            "items": or_expression({"if": {"type": "array"}, "then": pair, "else": amount}),
            "minItems": 1,
            "maxItems": self.most,
        }
        return {"if": {"type": "array"}, "then": per_axis, "else": amount}

    def read(self, value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            if not 1 <= len(value) <= self.most:
                raise self.wrong(value)
            return tuple(self._axis(item, value) for item in value)
        return self._amount(value, value)

    def _axis(self, item: Any, whole: Any) -> Any:
        if isinstance(item, (list, tuple)):
            if len(item) != 2:
                raise self.wrong(whole)
            return tuple(self._amount(end, whole) for end in item)
        return self._amount(item, whole)

    def _amount(self, value: Any, whole: Any) -> Any:
        try:
            return Integer(0).read(value)
        except ValueError:
            raise self.wrong(whole) from None

    def describe(self) -> str:
        return "an amount of at least 0, one per axis, or a [before, after] pair per axis"


class Padding(Amounts):
    """Amounts, or `same` or `valid`.

    `same` is TensorFlow's: the output is ceil(input / stride), and of an odd amount the extra
    cell goes at the end. `valid` is none at all.
    """

    most = 3
    _words = ("same", "valid")

    def schema(self) -> JsonSchema:
        word = {"enum": list(self._words)}
        return {"if": {"type": "string"}, "then": word, "else": super().schema()}

    def read(self, value: Any) -> Any:
        if isinstance(value, str) and value in self._words:
            return value
        return super().read(value)

    def describe(self) -> str:
        return (
            "an amount of at least 0, one per axis, a [before, after] pair per axis, "
            "`same` or `valid`"
        )


@dataclass(frozen=True)
class Maybe(Kind):
    """A value that may be absent; its default is `none`."""

    item: Kind

    def schema(self) -> JsonSchema:
        # The word is read as none before `read` sees it, and the schema sees it before that.
        return {"if": {"enum": [None, "none"]}, "else": self.item.schema()}

    def read(self, value: Any) -> Any:
        return None if value is None else self.item.read(value)

    def describe(self) -> str:
        return f"{self.item.describe()}, or none"


@dataclass(frozen=True)
class Either(Kind):
    """A word, or a value of another kind in its place."""

    word: Choice
    value: Kind

    def schema(self) -> JsonSchema:
        return {
            "if": {"type": "string"},
            "then": self.word.schema(),
            "else": self.value.schema(),
        }

    def read(self, value: Any) -> Any:
        try:
            return (self.word if isinstance(value, str) else self.value).read(value)
        except ValueError:
            raise self.wrong(value) from None

    def describe(self) -> str:
        return f"{self.word.describe()}, or {self.value.describe()}"
