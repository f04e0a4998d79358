"""A case of the onnx package, and the spec that it is posed as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
import yaml
from numpy.typing import NDArray

from graphcnn.source import SourceFile

Array = NDArray[Any]
Statement = dict[str, Any]


class Inexpressible(Exception):
    """A case that no spec says; the message is the reason, the same for all of its kind."""


@dataclass(frozen=True)
class Node:
    """The one operator of a case: inputs that are left out are None, as are those not tensors."""

    name: str
    operator: str
    attributes: Mapping[str, Any]
    inputs: tuple[Array | None, ...]
    outputs: tuple[Array, ...]

    @classmethod
    def of(cls, case: Any) -> Node:
        """The node of a case with its data.

        Raises:
            Inexpressible: values that are no tensors.
        """
        (proto,) = case.model.graph.node
        ((inputs, outputs),) = case.data_sets
        if not all(isinstance(value, np.ndarray | np.generic) for value in (*inputs, *outputs)):
            raise Inexpressible("sequences and optional values")
        given = iter(inputs)
        return cls(
            case.name,
            proto.op_type,
            {one.name: attribute_value(one) for one in proto.attribute},
            tuple(np.asarray(next(given)) if name else None for name in proto.input),
            tuple(map(np.asarray, outputs)),
        )

    @property
    def x(self) -> Array:
        """The first input.

        Raises:
            Inexpressible: it is no tensor of float32, or has an axis without cells.
        """
        return self.values(1)[0]

    def values(self, count: int | None = None) -> list[Array]:
        """The first inputs, by default all of them, which are what a model computes with.

        Raises:
            Inexpressible: as for :attr:`x`.
        """
        found = [x for x in self.inputs[:count] if x is not None]
        for x in (*found, self.outputs[0]):
            if x.dtype != np.float32:
                raise Inexpressible("values of another type than float32")
            if x.size == 0:
                raise Inexpressible("an axis of size 0")
        return found

    def optional(self, place: int) -> Array | None:
        """An input that may be left out."""
        return self.inputs[place] if place < len(self.inputs) else None

    def integers(self, place: int) -> list[int] | None:
        """An input that is a list of numbers known beforehand."""
        found = self.optional(place)
        return None if found is None else [int(n) for n in found.ravel()]

    def get(self, name: str, default: Any) -> Any:
        return self.attributes.get(name, default)

    def axis(self, default: int, rank: int | None = None) -> int:
        """The attribute of that name, from 0."""
        rank = self.x.ndim if rank is None else rank
        return int(self.get("axis", default)) % rank


def attribute_value(one: onnx.AttributeProto) -> Any:
    """The value of an attribute, text as text."""
    value = onnx.helper.get_attribute_value(one)
    return value.decode() if isinstance(value, bytes) else value


@dataclass(frozen=True)
class Posed:
    """A case as a spec; inputs and outputs have their batch axis, weights their own names."""

    statements: Sequence[Statement]
    inputs: Sequence[Array]
    outputs: Sequence[Array]
    weights: Mapping[str, Array] = field(default_factory=dict)

    @property
    def op(self) -> str:
        """The op of the table that the case is about."""
        main = next(one for one in self.statements if one.get("id") == "it")
        return next(iter(main))

    @property
    def names(self) -> list[str]:
        return ["a", "b", "c"][: len(self.inputs)]

    @property
    def results(self) -> dict[str, Array]:
        """What is expected to come out, by name."""
        return {f"y{n}": y for n, y in enumerate(self.outputs)}

    def spec(self, name: str) -> SourceFile:
        """The text of the spec."""
        last = self.statements[-1].get("id", "last")
        count = len(self.outputs)
        ports = [last] if count == 1 else [f"{last}.{port}" for port in range(count)]
        content = {
            "graphcnn": 1,
            "name": name,
            "inputs": {k: [*x.shape[1:]] for k, x in zip(self.names, self.inputs, strict=True)},
            "graph": [*self.statements[:-1], {**self.statements[-1], "id": last}],
            "outputs": dict(zip(self.results, ports, strict=True)),
        }
        return SourceFile(f"{name}.yaml", yaml.safe_dump(content, sort_keys=False))


def it(
    op: str, attributes: Mapping[str, Any] | None = None, source: Sequence[str] = ()
) -> Statement:
    """The statement that a case is about; it reads the value before it, or those of ``source``."""
    return then(op, attributes, source, id="it")


def then(
    op: str,
    attributes: Mapping[str, Any] | None = None,
    source: Sequence[str] = (),
    id: str | None = None,
) -> Statement:
    """A statement that brings the case into the form of the op, or its result into the case's."""
    found: Statement = {op: dict(attributes or {})}
    found |= {"from": [*source]} if source else {}
    return found | ({"id": id} if id else {})


def samples(
    node: Node, *statements: Statement, weights: Mapping[str, Array | None] | None = None
) -> Posed:
    """The case with its first axis as the batch."""
    return Posed(statements, [node.x], node.outputs[:1], _given(weights))


def one_sample(
    node: Node, *statements: Statement, weights: Mapping[str, Array | None] | None = None
) -> Posed:
    """The case as a batch of one: all of its axes are those of the sample."""
    if node.x.ndim == 0:
        raise Inexpressible("a value without axes")
    return Posed(statements, [node.x[None]], [node.outputs[0][None]], _given(weights))


def _given(weights: Mapping[str, Array | None] | None) -> dict[str, Array]:
    return {f"it.{key}": value for key, value in (weights or {}).items() if value is not None}
