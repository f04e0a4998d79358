"""Random uses of the ops that keep no kernel: right ones mostly, and such as do not fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from graphcnn.ops import activation, merge, reduction, regularisation, shape
from graphcnn.ops.base import Op
from tests.ops.laws import Numbers, make

Case = tuple[Op, tuple[Numbers, ...]]
Draw = st.DrawFn

sizes = st.integers(1, 6)
axes = st.sampled_from([0, 0, 1, 2, 3, -1, -2, -3, 4, -5])
factors = st.integers(1, 3)


def shapes(least: int = 1, most: int = 4, of: st.SearchStrategy[int] = sizes) -> Any:
    return st.lists(of, min_size=least, max_size=most).map(tuple)


def ranks(op: type[Op]) -> Any:
    allowed = op.ranks or (1, 2, 3, 4)
    return st.sampled_from(allowed).flatmap(lambda rank: shapes(rank, rank))


@st.composite
def alone(draw: Draw, /, op: type[Op], **attributes: st.SearchStrategy[Any]) -> Case:
    """An op of one input, each attribute drawn or left to its default."""
    drawn = {name: draw(values) for name, values in attributes.items()}
    optional = {name for name, declared in op.attributes().items() if not declared.required}
    given = {k: v for k, v in drawn.items() if k not in optional or draw(st.booleans())}
    return make(op, **given), (draw(ranks(op)),)


@st.composite
def broadcasting(draw: Draw, op: type[Op]) -> Case:
    base = draw(shapes())
    least, most = op.arity
    inputs = []
    for _ in range(draw(st.integers(least, most or 4))):
        other = [draw(st.sampled_from([n, n, n, 1])) for n in base]
        if draw(st.integers(0, 9)) == 0:
            other[draw(st.integers(0, len(base) - 1))] = draw(sizes)
        if draw(st.integers(0, 19)) == 0:
            other = other[1:] or [1, 1]
        inputs.append(tuple(other))
    return make(op), tuple(inputs)


@st.composite
def concat(draw: Draw) -> Case:
    base = draw(shapes())
    axis = draw(axes)
    inputs = []
    for _ in range(draw(st.integers(1, 4))):
        other = list(base)
        if -len(base) <= axis < len(base):
            other[axis] = draw(sizes)
        if draw(st.integers(0, 9)) == 0:
            other[draw(st.integers(0, len(base) - 1))] = draw(sizes)
        inputs.append(tuple(other))
    return make(merge.Concat, axis=axis), tuple(inputs)


@st.composite
def reshape(draw: Draw) -> Case:
    x = draw(shapes())
    target = list(x)
    for _ in range(draw(st.integers(0, 3))):
        # joins two sizes, or takes a factor out of one: the count stays
        i = draw(st.integers(0, len(target) - 1))
        if len(target) > 1 and draw(st.booleans()):
            first = target.pop(i)
            target[i % len(target)] *= first
        else:
            divisor = draw(st.sampled_from([d for d in (1, 2, 3) if target[i] % d == 0]))
            target[i] //= divisor
            target.insert(draw(st.integers(0, len(target))), divisor)
    if draw(st.integers(0, 4)) == 0:
        target[0] = draw(sizes)
    return make(shape.Reshape, shape=target), (x,)


@st.composite
def permute(draw: Draw) -> Case:
    x = draw(shapes())
    order: Sequence[int] = draw(st.permutations(range(len(x))))
    order = [axis - len(x) if draw(st.booleans()) else axis for axis in order]
    if draw(st.integers(0, 4)) == 0:
        order = draw(st.lists(axes, min_size=1, max_size=4))
    return make(shape.Permute, axes=order), (x,)


amounts = st.integers(0, 3)
pairs = st.tuples(amounts, amounts).map(list)
ends = st.one_of(amounts, st.lists(st.one_of(amounts, pairs), min_size=1, max_size=4))


@st.composite
def pad(draw: Draw) -> Case:
    mode = draw(st.sampled_from(["constant", "reflect", "replicate"]))
    given: dict[str, Any] = {"amounts": draw(ends), "mode": mode}
    if mode == "constant" or draw(st.integers(0, 9)) == 0:
        given["value"] = draw(st.sampled_from([0.0, 1.5]))
    return make(shape.Pad, **given), (draw(shapes()),)


@st.composite
def split(draw: Draw) -> Case:
    x = draw(shapes())
    axis = draw(axes)
    if draw(st.booleans()):
        return make(shape.Split, parts=draw(st.integers(1, 4)), axis=axis), (x,)
    parts = draw(st.lists(sizes, min_size=1, max_size=4))
    if -len(x) <= axis < len(x) and draw(st.integers(0, 3)):
        x = tuple(sum(parts) if at == axis % len(x) else n for at, n in enumerate(x))
    return make(shape.Split, sizes=parts, axis=axis), (x,)


@st.composite
def tile(draw: Draw) -> Case:
    x = draw(shapes())
    rank = len(x) if draw(st.integers(0, 4)) else draw(st.integers(1, 4))
    repeats = draw(st.lists(factors, min_size=rank, max_size=rank))
    return make(shape.Tile, repeats=repeats), (x,)


def per_axis(values: st.SearchStrategy[int], rank: int, draw: Draw) -> Any:
    if draw(st.booleans()):
        return draw(values)
    count = rank - 1 if draw(st.integers(0, 9)) else draw(st.integers(1, 3))
    return draw(st.lists(values, min_size=count, max_size=count))


@st.composite
def upsample(draw: Draw) -> Case:
    x = draw(ranks(shape.Upsample))
    given: dict[str, Any] = {"mode": draw(st.sampled_from(["nearest", "bilinear"]))}
    if given["mode"] == "bilinear":
        given["align_corners"] = draw(st.booleans())
    if draw(st.booleans()):
        given["factor"] = per_axis(factors, len(x), draw)
    else:
        given["size"] = per_axis(st.integers(1, 9), len(x), draw)
    return make(shape.Upsample, **given), (x,)


@st.composite
def blocks(draw: Draw, op: type[Op], attribute: str, scaled: Sequence[int]) -> Case:
    """An op whose attribute must divide some sizes: made to in most cases."""
    n = draw(factors)
    x = list(draw(ranks(op)))
    if draw(st.integers(0, 4)):
        for axis in scaled:
            x[axis] *= n * n
    return make(op, **{attribute: n}), (tuple(x),)


def reduction_of(op: type[Op]) -> st.SearchStrategy[Case]:
    several = st.lists(axes, min_size=1, max_size=3)
    return alone(op, axes=several, keepdims=st.booleans())


slopes = st.sampled_from([0.0, 0.01, 0.2, -0.5, 1.5])
rates = st.sampled_from([0.0, 0.25, 0.5, 1.0])

CASES: dict[type[Op], st.SearchStrategy[Case]] = {
    activation.Relu: alone(activation.Relu),
    activation.Relu6: alone(activation.Relu6),
    activation.LeakyRelu: alone(activation.LeakyRelu, slope=slopes),
    activation.Prelu: alone(activation.Prelu, shared=st.booleans(), init=slopes),
    activation.Elu: alone(activation.Elu, alpha=slopes),
    activation.Selu: alone(activation.Selu),
    activation.Gelu: alone(activation.Gelu, approximation=st.sampled_from(["exact", "tanh"])),
    activation.Silu: alone(activation.Silu),
    activation.Mish: alone(activation.Mish),
    activation.HardSigmoid: alone(activation.HardSigmoid),
    activation.HardSwish: alone(activation.HardSwish),
    activation.Sigmoid: alone(activation.Sigmoid),
    activation.Tanh: alone(activation.Tanh),
    activation.Softplus: alone(activation.Softplus, beta=st.sampled_from([0.5, 1, 2.0])),
    activation.Softmax: alone(activation.Softmax, axis=axes),
    activation.LogSoftmax: alone(activation.LogSoftmax, axis=axes),
    regularisation.Dropout: alone(regularisation.Dropout, rate=rates),
    regularisation.SpatialDropout: alone(regularisation.SpatialDropout, rate=rates),
    regularisation.DropPath: alone(regularisation.DropPath, rate=rates),
    merge.Add: broadcasting(merge.Add),
    merge.Subtract: broadcasting(merge.Subtract),
    merge.Multiply: broadcasting(merge.Multiply),
    merge.Maximum: broadcasting(merge.Maximum),
    merge.Average: broadcasting(merge.Average),
    merge.Concat: concat(),
    merge.Scale: alone(merge.Scale, factor=slopes),
    shape.Identity: alone(shape.Identity),
    shape.Flatten: alone(shape.Flatten, start=axes, end=axes),
    shape.Reshape: reshape(),
    shape.Permute: permute(),
    shape.Pad: pad(),
    shape.Crop: alone(shape.Crop, amounts=ends),
    shape.Slice: alone(
        shape.Slice,
        axis=axes,
        start=st.integers(-4, 4),
        stop=st.one_of(st.none(), st.integers(-4, 6)),
        step=factors,
    ),
    shape.Split: split(),
    shape.Tile: tile(),
    shape.Upsample: upsample(),
    shape.ChannelShuffle: blocks(shape.ChannelShuffle, "groups", [0]),
    shape.PixelShuffle: blocks(shape.PixelShuffle, "factor", [0]),
    shape.SpaceToDepth: blocks(shape.SpaceToDepth, "block", [1, 2]),
    reduction.Mean: reduction_of(reduction.Mean),
    reduction.Sum: reduction_of(reduction.Sum),
    reduction.Max: reduction_of(reduction.Max),
}


def cases_of(group: str) -> list[type[Op]]:
    return [op for op in CASES if op.group == group]
