"""Lowered ops as live PyTorch objects, without text in between."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import reduce
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 -- the name that every PyTorch file gives it
from torch import Tensor, nn

from graphcnn.backends.python.code import (
    Call,
    Infix,
    Input,
    Inputs,
    Keyword,
    Lowered,
    Method,
    Self,
    Slice,
    Subscript,
)
from graphcnn.backends.pytorch.helpers import (
    attention,
    convolution,
    normalisation,
    pooling,
    regularisation,
)

_ROOTS: dict[str, Any] = {"torch": torch, "nn": nn, "F": F}
_HELPERS = {
    name: found
    for module in (attention, convolution, normalisation, pooling, regularisation)
    for name, found in vars(module).items()
}
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "@": operator.matmul,
}


def evaluate(tree: Any, inputs: tuple[Any, ...] = (), module: Any = None) -> Any:
    """What the tree's printed form would evaluate to."""

    def value(part: Any) -> Any:
        return evaluate(part, inputs, module)

    found: Any
    match tree:
        case Input(index):
            found = inputs[index]
        case Inputs():
            found = list(inputs)
        case Self():
            found = module
        case Call(target, arguments):
            found = _call(_named(target), arguments, value)
        case Method(receiver, name, arguments):
            found = _call(getattr(value(receiver), name), arguments, value)
        case Infix(symbol, operands):
            found = reduce(_OPERATORS[symbol], [value(part) for part in operands])
        case Subscript(part, index):
            found = value(part)[tuple(value(at) for at in index)]
        case Slice(start, stop, step):
            found = slice(value(start), value(stop), value(step))
        case tuple():
            found = tuple(value(part) for part in tree)
        case _:
            assert tree is None or isinstance(tree, (bool, int, float, str)), tree
            found = tree
    return found


def _named(target: str) -> Any:
    root, *path = target.split(".")
    return reduce(getattr, path, _ROOTS[root]) if path else _HELPERS[root]


def _call(function: Any, arguments: tuple[Any, ...], value: Callable[[Any], Any]) -> Any:
    positional = [value(one) for one in arguments if not isinstance(one, Keyword)]
    keywords = [one for one in arguments if isinstance(one, Keyword)]
    # an argument that has its default is left out, as in print, so that the defaults are tested
    named = {one.name: value(one.value) for one in keywords if not _is_default(one)}
    return function(*positional, **named)


def _is_default(keyword: Keyword) -> bool:
    value, default = keyword.value, keyword.default
    return default is not ... and type(value) is type(default) and bool(value == default)


class Built:
    """An op's module and its expression; either may be missing, not both."""

    def __init__(self, lowered: Lowered) -> None:
        self.lowered = lowered
        self.module = None if lowered.module is None else evaluate(lowered.module)

    def forward(self, *inputs: Tensor) -> Any:
        """What `forward` of an emitted model computes."""
        if self.lowered.forward is None:
            assert isinstance(self.module, nn.Module)
            return self.module(*inputs)
        return evaluate(self.lowered.forward, inputs, self.module)

    def state(self) -> dict[str, tuple[int, ...]]:
        """The shapes of what is saved, by name; a parameter that is held as such is nameless."""
        if isinstance(self.module, nn.Parameter):
            return {"": tuple(self.module.shape)}
        if self.module is None:
            return {}
        state: dict[str, Tensor] = self.module.state_dict()
        return {
            name: tuple(tensor.shape)
            for name, tensor in state.items()
            if not name.endswith("num_batches_tracked")
        }


def counted(*shapes: tuple[int, ...], batch: int = 2) -> list[Tensor]:
    """Inputs that hold distinct numbers of both signs, in no order."""
    tensors = []
    for seed, shape in enumerate(shapes):
        generator = torch.Generator().manual_seed(seed)
        cells = torch.randperm(batch * math.prod(shape), generator=generator)
        tensors.append((cells - cells.numel() / 2).reshape(batch, *shape) / 8)
    return tensors
