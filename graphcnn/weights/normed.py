"""Weights that PyTorch's `weight_norm` keeps as a length and a direction, computed from the two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from graphcnn.weights.source import FLOATS, Tensor

if TYPE_CHECKING:
    from graphcnn.weights.weights import Array

_PARAMETRIZED: Final = ".parametrizations."


def composed(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a file, with one for each pair of length and direction.

    A pair is `weight_g` and `weight_v`, or of `torch.nn.utils.parametrizations` what stands under
    `parametrizations.weight`; it stays as it is where there is a `weight` beside it.
    """
    pairs = {v: (name, g) for name, g, v in _pairs(tensors) if name not in tensors}
    lengths = {g for _, g in pairs.values()}
    found: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if name in pairs:
            whole, length = pairs[name]
            read = _product(tensors[length], tensor)
            found[whole] = Tensor(tensor.shape, tensor.type, read)
        elif name not in lengths:
            found[name] = tensor
    return found


def _pairs(tensors: Mapping[str, Tensor]) -> Iterator[tuple[str, str, str]]:
    """The name of each weight that is a pair, of its length and of its direction."""
    for g in tensors:
        before, parametrized, rest = g.rpartition(_PARAMETRIZED)
        if parametrized and rest.endswith(".original0"):
            name, v = f"{before}.{rest.removesuffix('.original0')}", f"{g[:-1]}1"
        elif g.endswith("weight_g"):
            name, v = g.removesuffix("_g"), f"{g[:-1]}v"
        else:
            continue
        if v in tensors and _fit(tensors[g], tensors[v]):
            yield name, g, v


def _fit(length: Tensor, direction: Tensor) -> bool:
    """Whether there is a length for each part of the direction along one axis, or one for all."""
    if length.type not in FLOATS or direction.type not in FLOATS:
        return False
    if not length.shape:
        return True
    sizes = [*zip(length.shape, direction.shape, strict=False)]
    long = sum(n > 1 for n in length.shape)
    fits = len(length.shape) == len(direction.shape) and all(g in (1, v) for g, v in sizes)
    return fits and long < 2


def _product(length: Tensor, direction: Tensor) -> Callable[[], Array]:
    def read() -> Array:
        import numpy as np

        g = length.read().astype(np.float64)
        v = direction.read().astype(np.float64)
        axes = tuple(axis for axis in range(v.ndim) if not g.ndim or g.shape[axis] == 1)
        norm = np.sqrt(np.sum(v * v, axis=axes, keepdims=True))
        whole: Array = (g * v / norm).astype(np.float32)
        return whole

    return read
