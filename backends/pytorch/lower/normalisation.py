"""Normalisation in PyTorch."""

from __future__ import annotations

from typing import Any

from graphcnn.backends.python.code import Call, Input, Keyword, Lowered
from graphcnn.backends.python.reading import is_open
from graphcnn.backends.pytorch.lower.axes import batched
from graphcnn.ops.base import Shape, resolve_axis
from graphcnn.ops.normalisation import (
    BatchNorm,
    GroupNorm,
    InstanceNorm,
    L2Norm,
    LayerNorm,
    LocalResponseNorm,
)


def _eps(op: BatchNorm | LayerNorm | GroupNorm | InstanceNorm) -> Keyword:
    return Keyword("eps", op.eps, 1e-5)


def _partly(op: BatchNorm | LayerNorm | GroupNorm | InstanceNorm) -> tuple[Keyword, Keyword]:
    """What the helpers take where scale and shift may not come together."""
    return Keyword("scale", op.scale, True), Keyword("shift", op.shift, True)


def _open(module: Call, function: Call) -> Lowered:
    """A layer, which has no weights and is a function where sizes that it is made of are read."""
    return Lowered(module, function if is_open(module) else None)


def batch_norm(op: BatchNorm, *inputs: Shape) -> Lowered:
    (x,) = inputs
    layer = f"BatchNorm{max(len(x) - 1, 1)}d"
    momentum = Keyword("momentum", op.momentum, 0.1)
    if op.frozen:
        return Lowered(Call("FrozenBatchNorm", (x[0], _eps(op), *_partly(op))))
    if op.scale != op.shift:
        norm = Call(f"nn.{layer}", (x[0], _eps(op), momentum))
        return Lowered(Call("partly_trained", (norm, *_partly(op))))
    affine = Keyword("affine", op.scale, True)
    return Lowered(Call(f"nn.{layer}", (x[0], _eps(op), momentum, affine)))


def layer_norm(op: LayerNorm, *inputs: Shape) -> Lowered:
    (x,) = inputs
    axes = op.normalised(x)
    shape: Any = tuple(x[axis] for axis in axes)
    affine = Keyword("elementwise_affine", op.scale, True)
    bias = Keyword("bias", op.shift or not op.scale, True)
    if op.scale or not op.shift:
        sizes = shape[0] if len(shape) == 1 else shape
        if axes == tuple(range(len(x) - len(axes), len(x))):
            module = Call("nn.LayerNorm", (sizes, _eps(op), affine, bias))
            return _open(module, Call("F.layer_norm", (Input(), shape, _eps(op))))
        if axes == (0,):
            return Lowered(Call("ChannelLayerNorm", (sizes, _eps(op), affine, bias)))
    dims = Keyword("dims", tuple(batched(axis) for axis in axes))
    return Lowered(Call("AxesLayerNorm", (shape, dims, _eps(op), *_partly(op))))


def group_norm(op: GroupNorm, *inputs: Shape) -> Lowered:
    (x,) = inputs
    if op.scale != op.shift:
        norm = Call("nn.GroupNorm", (op.groups, x[0], _eps(op)))
        return Lowered(Call("partly_trained", (norm, *_partly(op))))
    affine = Keyword("affine", op.scale, True)
    module = Call("nn.GroupNorm", (op.groups, x[0], _eps(op), affine))
    return _open(module, Call("F.group_norm", (Input(), op.groups, _eps(op))))


def instance_norm(op: InstanceNorm, *inputs: Shape) -> Lowered:
    (x,) = inputs
    layer = f"InstanceNorm{len(x) - 1}d"
    if op.scale != op.shift:
        norm = Call(f"nn.{layer}", (x[0], _eps(op), Keyword("affine", True)))
        return Lowered(Call("partly_trained", (norm, *_partly(op))))
    module = Call(f"nn.{layer}", (x[0], _eps(op), Keyword("affine", op.scale, False)))
    return _open(module, Call("F.instance_norm", (Input(), _eps(op))))


def local_response_norm(op: LocalResponseNorm, *inputs: Shape) -> Lowered:
    """PyTorch's takes a view of a volume, for which its cells have to lie in order."""
    (x,) = inputs
    arguments = (
        op.size,
        Keyword("alpha", op.alpha, 1e-4),
        Keyword("beta", op.beta, 0.75),
        Keyword("k", op.k, 1.0),
    )
    ordered = Call("OrderedLocalResponseNorm", arguments)
    if len(x) > 3:
        return Lowered(ordered)
    return Lowered(Call("nn.LocalResponseNorm", arguments), others=(Lowered(ordered),))


def l2_norm(op: L2Norm, *inputs: Shape) -> Lowered:
    (x,) = inputs
    dim = batched(resolve_axis(op.axis, len(x)))
    rest = (Keyword("dim", dim, 1), Keyword("eps", op.eps, 1e-12))
    if op.scale is None:
        return Lowered(forward=Call("F.normalize", (Input(), *rest)))
    return Lowered(Call("ScaledL2Norm", (x[dim - 1], op.scale, *rest)))
