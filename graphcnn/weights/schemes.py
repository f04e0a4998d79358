"""Where fresh weights come from: a number, or a distribution and its spread."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod, sqrt
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from numpy.random import Generator

    from graphcnn.weights.weights import Array

_GAINS = {
    "linear": 1.0,
    "sigmoid": 1.0,
    "tanh": 5 / 3,
    "relu": sqrt(2),
    "leaky_relu": sqrt(2),  # of slope 0, which is PyTorch's default for it
    "selu": 3 / 4,
}


@dataclass(frozen=True)
class Scheme:
    """How to fill a tensor; ``spread`` is the number itself, a deviation or a largest value."""

    kind: Literal["constant", "normal", "truncated_normal", "uniform"]
    spread: float

    def draw(self, count: int, generator: Generator) -> Array:
        """The next ``count`` numbers."""
        import numpy as np

        if self.kind == "constant":
            return np.full(count, self.spread, np.float32)
        spread = np.float32(self.spread)
        if self.kind == "uniform":
            return (generator.random(count, np.float32) * 2 - 1) * spread
        drawn = generator.standard_normal(count, np.float32)
        if self.kind == "truncated_normal":
            while (outside := np.abs(drawn) > 2).any():
                drawn[outside] = generator.standard_normal(int(outside.sum()), np.float32)
        return drawn * spread


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """How many cells go into and come out of one cell, as PyTorch counts them.

    Raises:
        ValueError: the tensor has fewer than two axes.
    """
    if len(shape) < 2:
        raise ValueError(f"a tensor of shape {shape} has no fan")
    window = prod(shape[2:])
    return shape[1] * window, shape[0] * window


def read(scheme: Any, shape: tuple[int, ...]) -> Scheme:
    """A scheme in the words of the spec.

    >>> read({"kaiming_normal": {"mode": "fan_out"}}, (8, 3, 5, 5))
    Scheme(kind='normal', spread=0.1)
    """
    if isinstance(scheme, (int, float)):
        return Scheme("constant", float(scheme))
    name: str
    given: Any
    name, given = (scheme, None) if isinstance(scheme, str) else next(iter(scheme.items()))
    if match := re.fullmatch(r"normal\((.+)\)", name):
        return Scheme("normal", float(match[1]))
    match name:
        case "zeros" | "ones":
            return Scheme("constant", float(name == "ones"))
        case "normal" | "uniform" | "truncated_normal":
            return Scheme(name, float(given))
        case "kaiming_normal" | "kaiming_uniform":
            options = given if isinstance(given, Mapping) else {}
            fan = fans(shape)[options.get("mode") == "fan_out"]
            deviation = _GAINS[options.get("nonlinearity", "relu")] / sqrt(fan)
        case "xavier_normal" | "xavier_uniform":
            deviation = sqrt(2 / sum(fans(shape)))
        case _:
            raise ValueError(f"{name} is no initial value")
    if name.endswith("uniform"):
        return Scheme("uniform", sqrt(3) * deviation)
    return Scheme("normal", deviation)
