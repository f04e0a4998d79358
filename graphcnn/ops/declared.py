"""Ops that a spec declares for itself: attributes and rules, evaluated like any expression.

The compiler checks and counts with the rules; it never imports the classes that they name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field
from typing import Any, ClassVar

from graphcnn.evaluate import Budget, evaluate
from graphcnn.expression import Expr, ExpressionError
from graphcnn.ops.attributes import Boolean, Integer, Kind, Listing, Number
from graphcnn.ops.base import Attribute, Op, OpError, Shape, Weight
from graphcnn.size import UNKNOWN, Size, Symbolic, Unknown
from graphcnn.source import Span


class Anything(Kind):
    def schema(self) -> dict[str, Any]:
        return {}

    def read(self, value: Any) -> Any:
        return value

    def describe(self) -> str:
        return "a value"


class Text(Kind):
    def schema(self) -> dict[str, Any]:
        return {"type": "string"}

    def read(self, value: Any) -> Any:
        if value is UNKNOWN or isinstance(value, str):
            return value
        raise self.wrong(value)

    def describe(self) -> str:
        return "text"


_TYPES: dict[str, Kind] = {
    "int": Integer(),
    "float": Number(),
    "bool": Boolean(),
    "str": Text(),
    "list": Listing(Anything()),
    "any": Anything(),
}


@dataclass(frozen=True, eq=False)
class Declaration:
    """``ops: {deform_conv: …}`` of a spec: what makes the op, as a class makes a built-in one."""

    name: str
    doc: str
    declared: dict[str, Attribute]
    rules: dict[str, Any]
    targets: dict[str, str]
    span: Span
    main: str | None = None
    arity: tuple[int, int | None] = (1, None)
    ranks: tuple[int, ...] | None = None

    @classmethod
    def read(cls, name: str, entries: Mapping[str, Any], span: Span) -> Declaration:
        attributes = {}
        given = entries.get("attributes")
        for key, value in (given if isinstance(given, Mapping) else {}).items():
            required = isinstance(value, str) and value in _TYPES
            kind = _TYPES[value] if required else _kind_of(value)
            attributes[key] = Attribute(key, kind, MISSING if required else value, "")
        return cls(
            name=name,
            doc=str(entries.get("doc") or ""),
            declared=attributes,
            rules={
                k: entries[k] for k in ("shape", "weights", "buffers", "macs") if k in entries
            },
            targets={
                k: entries[k]
                for k in ("pytorch", "keras", "onnx")
                if isinstance(entries.get(k), str)
            },
            span=span,
        )

    def attributes(self) -> Mapping[str, Attribute]:
        return self.declared

    def __call__(self, **attributes: Any) -> Op:
        values = {
            key: attributes.get(key, None if a.required else a.default)
            for key, a in self.declared.items()
        }
        return Declared(declaration=self, values=tuple(values.items()))


def _kind_of(value: Any) -> Kind:
    for name, types in (("bool", bool), ("int", int), ("float", float), ("str", str)):
        if isinstance(value, types):
            return _TYPES[name]
    return _TYPES["any"]


@dataclass(frozen=True)
class _Tensor:
    """An input, as the rules see it."""

    shape: Shape


@dataclass(frozen=True, kw_only=True)
class Declared(Op):
    """One use of a declared op."""

    group: ClassVar[str] = "declared"

    declaration: Declaration = field(metadata={"kind": Anything(), "doc": "its declaration"})
    values: tuple[tuple[str, Any], ...] = field(metadata={"kind": Anything(), "doc": "attributes"})

    @property
    def name(self) -> str:  # type: ignore[override]  # a class attribute for built-in ops
        return self.declaration.name

    @property
    def label(self) -> str:  # type: ignore[override]  # as above
        return self.declaration.name

    def _rule(self, name: str, inputs: tuple[Shape, ...], otherwise: Any) -> Any:
        rule = self.declaration.rules.get(name, otherwise)
        scope: dict[str, Any] = dict(self.values)
        if inputs:
            scope["in"] = _Tensor(inputs[0])
        scope["inputs"] = [_Tensor(shape) for shape in inputs]
        try:
            if isinstance(rule, dict):
                return {k: self._value(v, scope) for k, v in rule.items()}
            return self._value(rule, scope)
        except ExpressionError as error:
            raise OpError(
                f"the `{name}` rule of `{self.name}` has no value here: {error.message}",
                code=error.code,
            ) from None

    @staticmethod
    def _value(rule: Any, scope: dict[str, Any]) -> Any:
        return evaluate(rule, scope, Budget(100_000)) if isinstance(rule, Expr) else rule

    def _sizes(self, value: Any, what: str) -> Shape:
        if value is UNKNOWN:
            raise OpError(f"the {what} of `{self.name}` is not known", code="declared-rule")
        if not isinstance(value, list) or not all(
            isinstance(size, (Symbolic, Unknown)) or (type(size) is int and size >= 1)
            for size in value
        ):
            raise OpError(
                f"the {what} of `{self.name}` must be a list of positive integers, found {value}",
                code="declared-rule",
            )
        return tuple(value)

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        value = self._rule("shape", inputs, UNKNOWN)
        if isinstance(value, list) and value and all(isinstance(item, list) for item in value):
            return tuple(self._sizes(item, "shape") for item in value)
        return (self._sizes(value, "shape"),)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        trained = self._rule("weights", inputs, {})
        kept = self._rule("buffers", inputs, {})
        return {
            **{k: Weight(self._sizes(v, f"weight `{k}`")) for k, v in trained.items()},
            **{k: Weight(self._sizes(v, f"buffer `{k}`"), False) for k, v in kept.items()},
        }

    def macs(self, *inputs: Shape) -> Size:
        value = self._rule("macs", inputs, 0)
        if not isinstance(value, (int, Symbolic, Unknown)):
            raise OpError(f"the macs of `{self.name}` must be an integer", code="declared-rule")
        return value
