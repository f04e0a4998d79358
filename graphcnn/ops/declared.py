"""Ops that a spec declares for itself: attributes and rules, evaluated like any expression.

A rule sees the op's attributes, `in` (its first input) and `inputs` (all of them, as a list);
how many inputs the op takes follows from the rules. The compiler checks and counts with the
rules; it never imports the classes that the declaration names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, TypeGuard

from graphcnn.evaluate import Budget, evaluate, said
from graphcnn.expression import Const, Expr, ExpressionError, Index, Name
from graphcnn.ops.attributes import Boolean, Integer, Kind, Listing, Number
from graphcnn.ops.base import Attribute, Op, OpError, Shape, Weight
from graphcnn.size import UNKNOWN, Size, Symbolic, Unknown, at_least
from graphcnn.source import Span

RULE_BUDGET = 1_000_000
"""Steps that the rules of one declaration may take in all."""


class Anything(Kind):
    def schema(self) -> dict[str, Any]:
        return {}

    def read(self, value: Any) -> Any:
        return _frozen(value)

    def describe(self) -> str:
        return "a value"


class Text(Kind):
    def schema(self) -> dict[str, Any]:
        return {"type": "string"}

    def read(self, value: Any) -> Any:
        if value is UNKNOWN or value is None or isinstance(value, str):
            return value
        raise self.wrong(value)

    def describe(self) -> str:
        return "text"


_KINDS: dict[str, Kind] = {
    "int": Integer(),
    "float": Number(),
    "bool": Boolean(),
    "str": Text(),
    "list": Listing(Anything()),
    "any": Anything(),
}


def _frozen(value: Any) -> Any:
    """Lists as tuples, so that equal ops can be found to be equal."""
    return tuple(map(_frozen, value)) if isinstance(value, (list, tuple)) else value


def _thawed(value: Any) -> Any:
    return list(map(_thawed, value)) if isinstance(value, tuple) else value


def _kind_of(value: Any) -> Kind:
    for name, types in (("bool", bool), ("int", int), ("float", float), ("str", str)):
        if isinstance(value, types):
            return _KINDS[name]
    return _KINDS["any"]


class Rule(NamedTuple):
    """One value of a declaration, an expression or not, and where it stands."""

    value: Any
    span: Span


class RuleError(OpError):
    """A rule that has no value, or a wrong one; the mistake is at ``span``, in the rule."""

    def __init__(
        self, message: str, span: Span, *, code: str = "declared-rule", help: str | None = None
    ) -> None:
        super().__init__(message, code=code, help=help)
        self.span = span


@dataclass(frozen=True)
class _Tensor:
    """An input, as the rules see it."""

    shape: Shape


@dataclass(frozen=True, eq=False)
class Declaration:
    """``ops: {deform_conv: …}`` of a spec: what makes the op, as a class makes a built-in one.

    ``types`` holds those attributes that are required, ``defaults`` the others; ``targets`` the
    class that each backend calls.
    """

    name: str
    doc: str
    types: dict[str, str]
    defaults: dict[str, Rule]
    shape: Rule
    weights: dict[str, Rule]
    buffers: dict[str, Rule]
    macs: Rule
    targets: dict[str, str]
    span: Span
    main: str | None = None
    ranks: tuple[int, ...] | None = None
    budget: Budget = field(default_factory=lambda: Budget(RULE_BUDGET))

    @cached_property
    def _attributes(self) -> dict[str, Attribute]:
        required = {
            name: Attribute(name, _KINDS[kind], MISSING, "") for name, kind in self.types.items()
        }
        optional = {
            name: Attribute(name, _kind_of(rule.value), rule.value, "")
            for name, rule in self.defaults.items()
        }
        return required | optional

    def attributes(self) -> Mapping[str, Attribute]:
        return self._attributes

    def rules(self) -> Iterator[Rule]:
        yield self.shape
        yield self.macs
        yield from self.weights.values()
        yield from self.buffers.values()

    @cached_property
    def arity(self) -> tuple[int, int | None]:
        """One input, unless a rule asks for `inputs[1]` or for all of them."""
        most = 0
        for rule in self.rules():
            for index in _inputs_read(rule.value):
                if index is None:
                    return 1, None
                most = max(most, index)
        return most + 1, most + 1

    def __call__(self, **attributes: Any) -> Op:
        values: dict[str, Any] = {}
        for name in self.attributes():
            if name in attributes:
                values[name] = _frozen(attributes[name])
            elif name in self.defaults:
                values[name] = _frozen(self.value(self.defaults[name], values))
            else:
                values[name] = UNKNOWN
        return Declared(declaration=self, values=tuple(values.items()))

    def value(self, rule: Rule, scope: Mapping[str, Any]) -> Any:
        """What a rule comes to; raises RuleError at its place."""
        if not isinstance(rule.value, Expr):
            return rule.value
        try:
            return evaluate(rule.value, scope, self.budget)
        except ExpressionError as error:
            span = Span(rule.span.file, error.start, error.end)
            raise RuleError(error.message, span, code=error.code, help=error.help) from None


def _inputs_read(value: Any) -> Iterator[int | None]:
    """The indices at which an expression reads `inputs`; None where it reads the whole list."""
    if isinstance(value, Index) and isinstance(value.value, Name) and value.value.name == "inputs":
        index = value.index
        known = isinstance(index, Const) and type(index.value) is int and 0 <= index.value < 100
        yield index.value if isinstance(index, Const) and known else None
    elif isinstance(value, Name):
        if value.name == "inputs":
            yield None
    elif isinstance(value, Expr):
        for child in value.children():
            yield from _inputs_read(child)


class Declared(Op):
    """One use of a declared op."""

    group: ClassVar[str] = "declared"

    declaration: Declaration = field(metadata={"kind": Anything(), "doc": "its declaration"})
    values: tuple[tuple[str, Any], ...] = field(metadata={"kind": Anything(), "doc": "attributes"})

    @property
    def name(self) -> str:  # type: ignore[override]  # a class attribute of built-in ops
        return self.declaration.name

    @property
    def label(self) -> str:  # type: ignore[override]  # as above
        return self.declaration.name

    @property
    def arity(self) -> tuple[int, int | None]:  # type: ignore[override]  # as above
        return self.declaration.arity

    def _scope(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        tensors = [_Tensor(shape) for shape in inputs]
        values = {name: _thawed(value) for name, value in self.values}
        return {**values, "in": tensors[0], "inputs": tensors}

    def _sizes(self, rule: Rule, value: Any, what: str) -> Shape:
        if value is UNKNOWN:
            raise RuleError(f"the {what} is not known", rule.span, code="undecided")
        if not isinstance(value, list) or not all(map(_is_size, value)):
            message = f"the {what} is a list of positive integers, found {_list_said(value)}"
            raise RuleError(message, rule.span)
        return tuple(value)

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        rule = self.declaration.shape
        value = self.declaration.value(rule, self._scope(inputs))
        if isinstance(value, list) and value and all(isinstance(item, list) for item in value):
            return tuple(self._sizes(rule, item, "shape") for item in value)
        return (self._sizes(rule, value, "shape"),)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        scope = self._scope(inputs)
        found = {}
        for trained in (True, False):
            rules = self.declaration.weights if trained else self.declaration.buffers
            for name, rule in rules.items():
                value = self.declaration.value(rule, scope)
                found[name] = Weight(self._sizes(rule, value, f"shape of `{name}`"), trained)
        return found

    def macs(self, *inputs: Shape) -> Size:
        rule = self.declaration.macs
        value = self.declaration.value(rule, self._scope(inputs))
        if _is_count(value):
            return value
        message = f"the macs are an integer of at least 0, found {said(value)}"
        raise RuleError(message, rule.span, help="round it: `int(…)`")


def _is_count(value: object) -> TypeGuard[Size]:
    if not isinstance(value, (int, Symbolic, Unknown)) or isinstance(value, bool):
        return False
    return at_least(value, 0) is not False


def _is_size(value: object) -> bool:
    if isinstance(value, (Symbolic, Unknown)):
        return True
    return type(value) is int and value >= 1


def _list_said(value: object) -> str:
    if isinstance(value, list) and len(value) <= 8:
        return f"[{', '.join(map(said, value))}]"
    return said(value)
