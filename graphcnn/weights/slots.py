"""The places that a model has for weights, in the layout of a file: what a tensor may fill.

In a canonical file each weight is one place. In that of a framework it can be several, or lie
there transposed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphcnn.ir import Graph, Node
from graphcnn.ops.base import show_shape
from graphcnn.weights.canonical import Entry
from graphcnn.weights.source import Source, Tensor

if TYPE_CHECKING:
    from graphcnn.weights.weights import Array


@dataclass(frozen=True, slots=True)
class Form:
    """A shape that a tensor may have in a file, and how the canonical one is made of it."""

    shape: tuple[int, ...]
    back: Callable[[Array], Array] | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """One tensor of a file that a model has a place for.

    It is the weight ``weight``, or part ``part`` of ``parts`` of it along axis 0. ``module`` and
    ``role`` say which layer it belongs to and what it is there; ``node`` brings it.
    """

    weight: str
    forms: tuple[Form, ...]
    module: str
    role: str
    node: Node
    part: int = 0
    parts: int = 1

    def form(self, tensor: Tensor) -> Form | None:
        """The form that a tensor has."""
        if tensor.columns and self.node.op.name == "linear" and self.role == "weight":
            (form,) = self.forms
            return Form(form.shape[::-1], _transposed) if tensor.shape == form.shape[::-1] else None
        return next((form for form in self.forms if form.shape == tensor.shape), None)

    def shown(self) -> str:
        """The shapes that it may have, for people."""
        return " or ".join(show_shape(form.shape) for form in self.forms)


def _transposed(value: Array) -> Array:
    return value.T


@dataclass(frozen=True, slots=True)
class Slots:
    """The places of a model by the names that they have in a file, and other names for them.

    ``nodes`` are those of the model in order. ``problems`` say why such a file cannot be read for
    the model, whatever its tensors are.
    """

    by_name: Mapping[str, Slot]
    aliases: Mapping[str, str]
    nodes: Sequence[Node]
    problems: tuple[str, ...] = ()

    def find(self, name: str) -> str | None:
        """The place that a name means."""
        return name if name in self.by_name else self.aliases.get(name)


def divided(name: str) -> tuple[str, str]:
    """A tensor's name as that of its layer and what it is there.

    >>> divided("layer1.0.bn1.weight"), divided("conv1/0")
    (('layer1.0.bn1', 'weight'), ('conv1', '0'))
    """
    at = max(name.rfind("."), name.rfind("/"))
    return (name[:at], name[at + 1 :]) if at > 0 else (name, "")


def canonical_slots(graph: Graph, entries: Mapping[str, Entry], _source: Source) -> Slots:
    """Those of a file with canonical names and layouts."""
    found = {
        name: Slot(name, (Form(entry.shape),), *divided(name), entry.node)
        for name, entry in entries.items()
    }
    return Slots(found, {}, graph.nodes)
