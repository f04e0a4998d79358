"""Ops without a kernel, in PyTorch: shapes, names and numbers are those that the op declares."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 -- the name that every PyTorch file gives it
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor, nn

from graphcnn.backends.python.code import Call, Infix, Input, Keyword, Lowered, Method
from graphcnn.backends.python.merging import is_default
from graphcnn.backends.python.printer import Printer
from graphcnn.backends.pytorch.lower import LOWER
from graphcnn.ops import activation, merge, reduction, regularisation, shape
from graphcnn.ops.base import Op, OpError
from graphcnn.size import symbol
from tests.backends.evaluator import Built, counted
from tests.ops.draws import CASES
from tests.ops.laws import Numbers, fewer, make, outcome

Array = NDArray[np.float32]


def built(op: Op, *shapes: Numbers) -> Built:
    made = Built(LOWER[type(op)](op, *shapes))
    if isinstance(made.module, nn.Module):
        made.module.eval()
    return made


def several(value: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return (value,) if isinstance(value, Tensor) else tuple(value)


def forms(op: Op, *inputs: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """The outputs of the expression and, where there is one, of the module."""
    made = built(op, *(tuple(x.shape[1:]) for x in inputs))
    yield several(made.forward(*inputs))
    if isinstance(made.module, nn.Module):
        yield several(made.module(*inputs))


def run(op: Op, *inputs: Tensor) -> Tensor:
    ((output,), *_) = forms(op, *inputs)
    return output


def is_stricter(op: Op, shapes: tuple[Numbers, ...], error: OpError) -> bool:
    """Whether PyTorch may accept what the op refuses; the docstrings of the ops say why."""
    if error.code in ("missing-attribute", "conflicting-attributes"):
        return True  # a mistake in the spec, not in what PyTorch is called with
    if error.code == "no-such-axis":  # seen from the end, what comes before the axes is the batch
        return any(_reaches_batch(op, x) for x in shapes)
    match op:
        case shape.Slice():
            return error.code == "out-of-range"
        case shape.Split():
            return error.code == "does-not-divide"
        case shape.Tile():
            return error.code == "wrong-length"
        case merge.Concat():
            return False
    return op.group == "merge" and len({len(x) for x in shapes}) > 1


def _reaches_batch(op: Any, x: Numbers) -> bool:
    named = [getattr(op, name, 0) for name in ("axis", "start", "end")]
    return any(axis < -len(x) for axis in (*named, *getattr(op, "axes", ())))


@pytest.mark.parametrize("op", CASES)
@fewer
@given(data=st.data())
def test_accepts_what_the_op_accepts(op: type[Op], data: st.DataObject) -> None:
    case, shapes = data.draw(CASES[op])
    inputs = counted(*shapes)
    expected = outcome(case, *shapes)
    if not isinstance(expected, OpError):
        lowered = LOWER[op](case, *shapes)
        assert hash(lowered) == hash(LOWER[op](case, *shapes))  # plain values at the leaves
        first = several(printed(lowered, *inputs)) if lowered.forward is not None else None
        for outputs in forms(case, *inputs):
            assert [tuple(y.shape) for y in outputs] == [(2, *sizes) for sizes in expected]
            for y, same in zip(outputs, first or outputs, strict=True):
                torch.testing.assert_close(y, same)
            first = outputs
        weights = case.weights(*shapes)
        assert built(case, *shapes).state() == {name: w.shape for name, w in weights.items()}
        return
    if is_stricter(case, shapes, expected):
        return
    try:
        for outputs in forms(case, *inputs):
            # nothing left is no output either, and a wrong rank is for the next op to refuse
            assert any(y.numel() == 0 for y in outputs), f"{case} on {shapes}: {expected}"
    except (RuntimeError, IndexError, ValueError, NotImplementedError, OpError):
        return


def written_out(tree: Any) -> Any:
    """The tree without the arguments that have their default, as they are printed."""
    if isinstance(tree, Call | Method):
        kept = tuple(written_out(one) for one in tree.arguments if not is_default(one))
        return dataclasses.replace(tree, arguments=kept)
    if isinstance(tree, Infix):
        return Infix(tree.operator, tuple(written_out(one) for one in tree.operands))
    return tree


def printed(lowered: Lowered, *inputs: Tensor) -> Any:
    """What the expression gives as text, such as an emitted file holds."""
    names = [f"x{index}" for index in range(len(inputs))]
    text = Printer(names).text(written_out(lowered.forward))
    scope = {"torch": torch, "F": F, **dict(zip(names, inputs, strict=True))}
    return eval(text, scope)  # noqa: S307 -- text of our own making


# Numbers


def elementwise() -> dict[Op, Callable[[Any], Any]]:
    softplus: Callable[[float], float] = lambda x: math.log1p(math.exp(x))  # noqa: E731
    gate: Callable[[float], float] = lambda x: min(max(x + 3, 0), 6) / 6  # noqa: E731
    root = math.sqrt(2 / math.pi)
    selu, alpha = 1.0507009873554805, 1.6732632423543772
    return {
        make(activation.Relu): lambda x: max(x, 0),
        make(activation.Relu6): lambda x: min(max(x, 0), 6),
        make(activation.LeakyRelu): lambda x: x if x >= 0 else 0.01 * x,
        make(activation.LeakyRelu, slope=0.3): lambda x: x if x >= 0 else 0.3 * x,
        make(activation.Prelu): lambda x: x if x >= 0 else 0.25 * x,
        make(activation.Prelu, shared=True, init=0.5): lambda x: x if x >= 0 else 0.5 * x,
        make(activation.Elu): lambda x: x if x >= 0 else math.expm1(x),
        make(activation.Elu, alpha=0.5): lambda x: x if x >= 0 else 0.5 * math.expm1(x),
        make(activation.Selu): lambda x: selu * (x if x >= 0 else alpha * math.expm1(x)),
        make(activation.Gelu): lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2,
        make(activation.Gelu, approximation="tanh"): lambda x: (
            x * (1 + math.tanh(root * (x + 0.044715 * x**3))) / 2
        ),
        make(activation.Silu): lambda x: x / (1 + math.exp(-x)),
        make(activation.Mish): lambda x: x * math.tanh(softplus(x)),
        make(activation.HardSigmoid): gate,
        make(activation.HardSwish): lambda x: x * gate(x),
        make(activation.Sigmoid): lambda x: 1 / (1 + math.exp(-x)),
        make(activation.Tanh): math.tanh,
        make(activation.Softplus): softplus,
        make(activation.Softplus, beta=2): lambda x: softplus(2 * x) / 2,
        make(merge.Scale, factor=0.25): lambda x: 0.25 * x,
        make(shape.Identity): lambda x: x,
        make(regularisation.Dropout): lambda x: x,
        make(regularisation.SpatialDropout, rate=0.1): lambda x: x,
        make(regularisation.DropPath, rate=1): lambda x: x,
    }


@pytest.mark.parametrize("op", elementwise(), ids=str)
def test_formula(op: Op) -> None:
    formula = elementwise()[op]
    x = torch.linspace(-12, 12, 2 * 3 * 97).reshape(2, 3, 97)
    expected = torch.tensor([formula(cell) for cell in x.flatten().tolist()]).reshape(x.shape)
    for (y,) in forms(op, x):
        torch.testing.assert_close(y, expected, atol=2e-6, rtol=2e-5)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_softmax_is_along_its_axis(axis: int) -> None:
    (x,) = counted((3, 4, 5))
    exponentials = np.exp(x.numpy().astype(np.float64))
    along = axis + 1 if axis >= 0 else axis
    expected = torch.tensor(exponentials / exponentials.sum(along, keepdims=True)).float()
    torch.testing.assert_close(run(make(activation.Softmax, axis=axis), x), expected)
    logarithm = run(make(activation.LogSoftmax, axis=axis), x)
    torch.testing.assert_close(logarithm.exp(), expected)


@pytest.mark.parametrize(
    ("op", "formula"),
    [
        (merge.Add, lambda a, b, c: a + b + c),
        (merge.Multiply, lambda a, b, c: a * b * c),
        (merge.Maximum, lambda a, b, c: np.maximum(np.maximum(a, b), c)),
        (merge.Average, lambda a, b, c: (a + b + c) / 3),
    ],
)
def test_merges(op: type[Op], formula: Callable[..., Array]) -> None:
    inputs = counted((3, 4, 4), (3, 1, 1), (1, 4, 1))
    expected = formula(*(x.numpy() for x in inputs))
    torch.testing.assert_close(run(make(op), *inputs), torch.from_numpy(expected))


def test_subtract_keeps_the_order() -> None:
    a, b = counted((3, 4), (3, 1))
    torch.testing.assert_close(run(make(merge.Subtract), a, b), a - b)


@pytest.mark.parametrize("axis", [0, 1, -1, -3])
def test_concat_keeps_the_order(axis: int) -> None:
    a, b, c = counted((2, 3, 4), (2, 3, 4), (2, 3, 4))
    expected = np.concatenate([a, b, c], axis + 1 if axis >= 0 else axis)
    assert np.array_equal(run(make(merge.Concat, axis=axis), a, b, c), expected)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axes", [[0], [1, 2], [-1], [0, -1]])
def test_reductions(axes: list[int], *, keepdims: bool) -> None:
    (x,) = counted((3, 4, 5))
    over = tuple(axis + 1 if axis >= 0 else axis for axis in axes)
    for op, function in (
        (reduction.Mean, np.mean),
        (reduction.Sum, np.sum),
        (reduction.Max, np.max),
    ):
        reduce: Callable[..., Array] = function
        expected = reduce(x.numpy(), axis=over, keepdims=keepdims)
        y = run(make(op, axes=axes, keepdims=keepdims), x)
        torch.testing.assert_close(y, torch.from_numpy(expected))


def test_flatten_and_reshape_run_the_last_axis_fastest() -> None:
    (x,) = counted((2, 3, 4))
    for (y,) in forms(make(shape.Flatten), x):
        assert np.array_equal(y, x.numpy().reshape(2, 24))
    for (y,) in forms(make(shape.Flatten, start=1), x):
        assert np.array_equal(y, x.numpy().reshape(2, 2, 12))
    for (y,) in forms(make(shape.Flatten, start=-3, end=-2), x):
        assert np.array_equal(y, x.numpy().reshape(2, 6, 4))
    assert np.array_equal(run(make(shape.Reshape, shape=[4, 6]), x), x.numpy().reshape(2, 4, 6))
    for (y,) in forms(make(shape.Reshape, shape=[4, 6]), x.flatten(1)):
        assert np.array_equal(y, x.numpy().reshape(2, 4, 6))


@given(data=st.data())
def test_permute(data: st.DataObject) -> None:
    (x,) = counted((2, 3, 4, 5))
    axes = data.draw(st.permutations(range(4)))
    expected = x.numpy().transpose(0, *(axis + 1 for axis in axes))
    assert np.array_equal(run(make(shape.Permute, axes=axes), x), expected)


@pytest.mark.parametrize(
    ("sizes", "amounts", "pads"),
    [
        ((2, 4, 5), 1, [(0, 0), (1, 1), (1, 1)]),
        ((2, 4, 5), [[0, 1], [2, 3]], [(0, 0), (0, 1), (2, 3)]),
        ((4, 4, 5), [[1, 2], 0, [0, 3]], [(1, 2), (0, 0), (0, 3)]),
        ((4, 5), [[1, 2]], [(0, 0), (1, 2)]),
        ((4, 5), [[1, 2], 3], [(1, 2), (3, 3)]),
        ((5,), [[1, 2]], [(1, 2)]),
        ((2, 4, 4, 4), [0, [1, 2], 3], [(0, 0), (0, 0), (1, 2), (3, 3)]),
    ],
)
@pytest.mark.parametrize(
    ("mode", "numpy"), [("constant", "constant"), ("reflect", "reflect"), ("replicate", "edge")]
)
def test_pad(sizes: Numbers, amounts: Any, pads: Any, mode: str, numpy: Any) -> None:
    (x,) = counted(sizes)
    value = {"value": 1.5} if mode == "constant" else {}
    for (y,) in forms(make(shape.Pad, amounts=amounts, mode=mode, **value), x):
        constant: Any = {"constant_values": 1.5} if mode == "constant" else {}
        expected = np.pad(x.numpy(), [(0, 0), *pads], numpy, **constant)
        assert np.array_equal(y, expected)
    if mode == "constant":
        for (y,) in forms(make(shape.Pad, amounts=amounts), x):
            assert np.array_equal(y, np.pad(x.numpy(), [(0, 0), *pads]))


def test_crop_undoes_pad() -> None:
    (x,) = counted((2, 4, 5))
    for amounts in (0, 1, [[0, 1], [2, 0]], [[1, 0], [0, 2], 3]):
        padded = run(make(shape.Pad, amounts=amounts), x)
        assert torch.equal(run(make(shape.Crop, amounts=amounts), padded), x)


def test_slice_is_that_of_python() -> None:
    (x,) = counted((3, 8))
    op = make(shape.Slice, axis=-1, start=-7, stop=-1, step=3)
    assert torch.equal(run(op, x), x[:, :, -7:-1:3])
    assert torch.equal(run(make(shape.Slice, stop=2), x), x[:, :2])


def test_split_undoes_concat() -> None:
    (x,) = counted((6, 4))
    for attributes in ({"parts": 3}, {"sizes": [1, 3, 2]}, {"parts": 2, "axis": 1}):
        (parts,) = forms(make(shape.Split, **attributes), x)
        assert len(parts) == len(make(shape.Split, **attributes).outputs((6, 4)))
        axis = attributes.get("axis", 0)
        assert torch.equal(run(make(merge.Concat, axis=axis), *parts), x)


def test_tile() -> None:
    (x,) = counted((2, 3))
    y = run(make(shape.Tile, repeats=[2, 3]), x)
    assert np.array_equal(y, np.tile(x.numpy(), (1, 2, 3)))


def resampled(x: Array, places: Sequence[float]) -> Array:
    """The last axis anew: its cells lie at ``places`` of the old grid, between cells or on them."""
    n = x.shape[-1]
    cells = []
    for place in places:
        at = min(max(place, 0), n - 1)
        low = math.floor(at)
        cells.append((1 + low - at) * x[..., low] + (at - low) * x[..., min(low + 1, n - 1)])
    return np.stack(cells, -1)


@pytest.mark.parametrize("sizes", [(2, 5), (2, 5, 3), (1, 3, 4, 2)])
@pytest.mark.parametrize("how", ["nearest", "half-pixel", "corners"])
@pytest.mark.parametrize("target", [{"factor": 2}, {"factor": 3}, {"size": 7}, {"size": 2}])
def test_upsample_lies_where_the_docstring_says(
    sizes: Numbers, how: str, target: dict[str, int]
) -> None:
    (x,) = counted(sizes)
    given = {**target}
    attributes: dict[str, Any] = {} if how == "nearest" else {"mode": "bilinear"}
    if how == "corners":
        attributes["align_corners"] = True
    expected = x.numpy()
    for axis in range(2, x.dim()):
        n = x.shape[axis]
        out = given["size"] if "size" in given else n * given["factor"]
        places: dict[str, list[float]] = {
            "nearest": [i * n // out for i in range(out)],
            "half-pixel": [(i + 0.5) * n / out - 0.5 for i in range(out)],
            "corners": [i * (n - 1) / (out - 1) for i in range(out)],
        }
        moved = resampled(np.moveaxis(expected, axis, -1), places[how])
        expected = np.moveaxis(moved, -1, axis)
    for (y,) in forms(make(shape.Upsample, **target, **attributes), x):
        torch.testing.assert_close(y, torch.from_numpy(expected).float(), atol=1e-5, rtol=1e-5)


def test_channel_shuffle_puts_the_first_of_each_group_first() -> None:
    (x,) = counted((6, 2, 3))
    for (y,) in forms(make(shape.ChannelShuffle, groups=3), x):
        for group in range(3):
            for i in range(2):
                assert torch.equal(y[:, i * 3 + group], x[:, group * 2 + i])


def test_pixel_shuffle_and_space_to_depth_have_the_stated_order() -> None:
    r = 2
    (x,) = counted((3 * r * r, 2, 3))
    for (y,) in forms(make(shape.PixelShuffle, factor=r), x):
        for c, row, column in np.ndindex(3, 2 * r, 3 * r):
            channel = c * r * r + (row % r) * r + column % r
            assert torch.equal(y[:, c, row, column], x[:, channel, row // r, column // r])
        for (back,) in forms(make(shape.SpaceToDepth, block=r), y):
            assert torch.equal(back, x)
            for c, i, j in np.ndindex(3, r, r):
                assert torch.equal(back[:, c * r * r + i * r + j], y[:, c, i::r, j::r])


# Receptive fields


@pytest.mark.parametrize(
    ("op", "sizes"),
    [
        (make(activation.Softmax, axis=1), (1, 6)),
        (make(reduction.Mean, axes=[1], keepdims=True), (1, 6)),
        (make(shape.Slice, axis=1, step=2), (1, 7)),
        (make(shape.Upsample, factor=3), (1, 6)),
        (make(shape.Upsample, factor=2, mode="bilinear"), (1, 6)),
        (make(shape.Upsample, size=4, mode="bilinear"), (1, 8)),
        (make(shape.Upsample, size=4), (1, 8)),
        (make(shape.SpaceToDepth, block=2), (1, 6, 6)),
        (make(shape.PixelShuffle, factor=2), (4, 3, 3)),
    ],
    ids=str,
)
def test_a_window_is_what_a_cell_depends_on(op: Op, sizes: Numbers) -> None:
    window = op.window(sizes)
    assert window is not None
    (output,) = op.outputs(sizes)
    gradients: Any = torch.autograd.functional.jacobian(lambda x: run(op, x), torch.rand(1, *sizes))
    depends = gradients.reshape(*output, *sizes) != 0
    # along the first spatial axis: which input cells each output cell sees
    others = [axis for axis in range(depends.dim()) if axis not in (1, len(output) + 1)]
    seen = depends.any(dim=others)
    assert int(seen.sum(1).max()) == window.extent[0]
    ends = [torch.nonzero(row).flatten()[[0, -1]].tolist() for row in seen]
    assert max(last - first + 1 for first, last in ends) == window.extent[0]
    if not isinstance(op, activation.Softmax | reduction.Mean):
        steps = len(ends) - 1
        walked = Fraction(sum(ends[-1]) - sum(ends[0]), 2)
        stride: Any = window.stride[0]
        assert abs(walked - stride * steps) < 1, "cells lie on a grid, so up to one off"


# What is written


C, H, W = symbol("C"), symbol("H"), symbol("W")


@pytest.mark.parametrize(
    ("op", "inputs", "lowered"),
    [
        (
            make(shape.Flatten),
            [(64, H, W)],
            Lowered(
                Call("nn.Flatten", (Keyword("start_dim", 1, 1), Keyword("end_dim", -1, -1))),
                Method(Input(), "flatten", (1, Keyword("end_dim", -1, -1))),
            ),
        ),
        (
            make(reduction.Mean, axes=[1, 2]),
            [(64, H, W)],
            Lowered(
                forward=Method(
                    Input(), "mean", (Keyword("dim", (2, 3)), Keyword("keepdim", False, False))
                )
            ),
        ),
        (
            make(reduction.Mean, axes=[-1]),
            [(64, H)],
            Lowered(
                forward=Method(
                    Input(), "mean", (Keyword("dim", -1), Keyword("keepdim", False, False))
                )
            ),
        ),
        (
            make(shape.Reshape, shape=[2, 32, H, W]),
            [(64, H, W)],
            Lowered(
                forward=Method(
                    Input(),
                    "reshape",
                    (
                        Method(Input(), "size", (0,)),
                        2,
                        32,
                        Method(Input(), "size", (2,)),
                        Method(Input(), "size", (3,)),
                    ),
                )
            ),
        ),
        (
            make(shape.Reshape, shape=[C, H * W]),
            [(C, H, W)],
            Lowered(
                forward=Method(
                    Input(),
                    "reshape",
                    (Method(Input(), "size", (0,)), Method(Input(), "size", (1,)), -1),
                )
            ),
        ),
    ],
)
def test_trees(op: Op, inputs: list[Any], lowered: Lowered) -> None:
    assert LOWER[type(op)](op, *inputs) == lowered


# Helpers


def test_drop_path_drops_whole_samples() -> None:
    x = torch.ones(4000, 3, 2)
    made = Built(LOWER[regularisation.DropPath](make(regularisation.DropPath, rate=0.2), (3, 2)))
    assert isinstance(made.module, nn.Module)
    made.module.train()
    torch.manual_seed(0)
    y = made.module(x)
    first = y[:, :1, :1]
    assert torch.equal(y, first.expand_as(y))
    assert {round(float(cell), 4) for cell in first.unique()} == {0.0, 1.25}
    assert abs(float(y.mean()) - 1) < 0.03
    made.module.eval()
    assert made.module(x) is x


@pytest.mark.parametrize(("rate", "expected"), [(0.0, 1.0), (1.0, 0.0)])
def test_drop_path_at_its_ends(rate: float, expected: float) -> None:
    x = torch.ones(8, 3)
    made = Built(LOWER[regularisation.DropPath](make(regularisation.DropPath, rate=rate), (3,)))
    assert isinstance(made.module, nn.Module)
    assert torch.equal(made.module.train()(x), x * expected)
    assert str(made.module) == f"DropPath(rate={rate})"


@pytest.mark.parametrize("rank", [2, 3, 4])
def test_spatial_dropout_drops_whole_channels(rank: int) -> None:
    sizes = (50, 3, 3, 3)[:rank]
    op = make(regularisation.SpatialDropout, rate=0.5)
    module = Built(LOWER[regularisation.SpatialDropout](op, sizes)).module
    assert isinstance(module, nn.Module)
    torch.manual_seed(0)
    y = module.train()(torch.ones(4, *sizes)).flatten(2)
    assert torch.equal(y, y[:, :, :1].expand_as(y))
    assert set(y.unique().tolist()) == {0.0, 2.0}


class Together(nn.Module):
    """One of everything that is more than a single call."""

    def __init__(self) -> None:
        super().__init__()
        self.ops: list[tuple[Op, Built]] = []
        x: Numbers = (8, 6, 6)
        for op in (
            make(regularisation.DropPath, rate=0.2),
            make(shape.ChannelShuffle, groups=2),
            make(shape.Pad, amounts=1, mode="reflect"),
            make(shape.Crop, amounts=[[0, 2], 1]),
            make(shape.Upsample, factor=2, mode="bilinear"),
            make(shape.SpaceToDepth, block=2),
            make(shape.PixelShuffle, factor=2),
            make(shape.Slice, axis=1, step=2),
            make(activation.Prelu),
            make(shape.Tile, repeats=[1, 1, 2]),
            make(shape.Reshape, shape=[8, 2, 72]),
            make(shape.Permute, axes=[1, 0, 2]),
            make(reduction.Max, axes=[1]),
        ):
            self.ops.append((op, Built(LOWER[type(op)](op, x))))
            (x,) = op.outputs(x)  # type: ignore[assignment]
        self.held = nn.ModuleList(
            made.module for _, made in self.ops if isinstance(made.module, nn.Module)
        )

    def forward(self, x: Tensor) -> Tensor:
        for _, made in self.ops:
            x = made.forward(x)
        parts = x.chunk(2, dim=1)
        return F.relu(torch.cat([parts[0], parts[1]], dim=1))


@pytest.mark.parametrize("training", [False, True])
def test_exports_and_compiles_as_one_graph(*, training: bool) -> None:
    model = Together().train(training)
    x = torch.randn(4, 8, 6, 6)
    exported = torch.export.export(
        model, (x,), dynamic_shapes=({0: torch.export.Dim("batch", min=2)},)
    )
    compiled: Any = torch.compile(model, fullgraph=True, backend="eager")
    assert compiled(x).shape == exported.module()(x).shape == model(x).shape
    if not training:
        torch.testing.assert_close(exported.module()(x), model(x))
        torch.testing.assert_close(compiled(x), model(x))
