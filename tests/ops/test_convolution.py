from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcnn.ops import convolution
from graphcnn.ops.base import Op, OpError, Weight, Window
from graphcnn.size import UNKNOWN, symbol
from tests.ops.kernel_draws import CASES
from tests.ops.laws import check_laws, make, outcome, refused

C, H, W = symbol("C"), symbol("H"), symbol("W")
FAMILY = [op for op in CASES if op.group == "convolution"]

conv = convolution.Conv


@pytest.mark.parametrize("op", FAMILY)
@given(data=st.data())
def test_laws(op: type[Op], data: st.DataObject) -> None:
    check_laws(data, *data.draw(CASES[op]))


def test_first_layer_of_resnet() -> None:
    op = make(conv, out=64, kernel=7, stride=2, padding=3, bias=False)
    image = (3, 224, 224)
    assert op.outputs(image) == ((64, 112, 112),)
    assert op.weights(image) == {"weight": Weight((64, 3, 7, 7))}
    assert op.macs(image) == 64 * 3 * 7 * 7 * 112 * 112
    assert op.window(image) == Window((7, 7), (2, 2))


def test_rank_follows_the_input() -> None:
    op = make(conv, out=8, kernel=3, padding=1)
    assert op.outputs((4, 10)) == ((8, 10),)
    assert op.outputs((4, 10, 9, 8)) == ((8, 10, 9, 8),)
    assert op.weights((4, 10))["weight"].shape == (8, 4, 3)
    assert op.weights((4, 10, 9, 8))["weight"].shape == (8, 4, 3, 3, 3)


def test_symbolic_image() -> None:
    op = make(conv, out=8, kernel=3, stride=2, padding=1)
    (output,) = op.outputs((C, H, 2 * W))
    assert output == (8, (H + 1) // 2, W)
    assert op.weights((C, H, W))["weight"].shape == (8, C, 3, 3)


def test_groups_share_the_channels_out() -> None:
    op = make(conv, out=8, kernel=3, padding=1, groups=4)
    assert op.weights((16, 7, 7))["weight"].shape == (8, 4, 3, 3)
    assert op.macs((16, 7, 7)) == 8 * 4 * 9 * 49


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "dilation", "expected"),
    [
        (224, 3, 2, 1, (0, 1)),
        (225, 3, 2, 1, (1, 1)),
        (7, 4, 1, 1, (1, 2)),
        (7, 3, 1, 2, (2, 2)),
        (8, 1, 2, 1, (0, 0)),
        (5, 2, 7, 1, (0, 0)),
    ],
)
def test_same_puts_the_odd_cell_at_the_end(
    size: int, kernel: int, stride: int, dilation: int, expected: tuple[int, int]
) -> None:
    op = conv(out=1, kernel=kernel, stride=stride, dilation=dilation, padding="same")
    assert op.pads((1, size)) == (expected,)


@given(st.integers(1, 40), st.integers(1, 5), st.integers(1, 4), st.integers(1, 3))
def test_same_gives_what_its_amounts_give(n: int, kernel: int, stride: int, dilation: int) -> None:
    same = conv(out=1, kernel=kernel, stride=stride, dilation=dilation, padding="same")
    plain = conv(out=1, kernel=kernel, stride=stride, dilation=dilation, padding=same.pads((1, n)))
    assert same.outputs((1, n)) == plain.outputs((1, n)) == ((1, -(-n // stride)),)


def test_kernel_larger_than_the_input() -> None:
    error = refused(make(conv, out=8, kernel=7, dilation=2, padding=1), (3, 32, 8))
    assert error.code == "kernel-too-large"
    assert error.attribute == "kernel"
    assert error.message == (
        "the kernel covers 13 cells but the padded input has 10 along spatial axis 1, "
        "an output of -2"
    )


def test_kernel_that_may_be_too_large_is_undecided() -> None:
    error = refused(make(conv, out=8, kernel=3), (3, H, W))
    assert error.code == "undecided"
    assert make(conv, out=8, kernel=3).outputs((3, symbol("S", 3), 9)) == (
        (8, symbol("S", 3) - 2, 7),
    )


@pytest.mark.parametrize(("channels", "out", "found"), [(6, 8, "6 input"), (8, 6, "6 output")])
def test_groups_must_divide(channels: int, out: int, found: str) -> None:
    error = refused(make(conv, out=out, groups=4), (channels, 7, 7))
    assert error.code == "groups-do-not-divide"
    assert error.attribute == "groups"
    assert error.message == f"4 groups do not divide {found} channels"


def test_groups_of_symbolic_channels() -> None:
    assert refused(make(conv, out=8, groups=4), (C, 7, 7)).code == "undecided"
    assert make(conv, out=8, groups=4).outputs((4 * C, 7, 7)) == ((8, 7, 7),)
    assert make(conv, out=C, groups=C).outputs((C, 7, 7)) == ((C, 7, 7),)


@pytest.mark.parametrize("attribute", ["kernel", "stride", "padding", "dilation"])
def test_one_value_for_each_axis(attribute: str) -> None:
    error = refused(make(conv, out=8, **{attribute: [1, 1, 1]}), (3, 7, 7))
    assert error.code == "wrong-length"
    assert error.attribute == attribute


@pytest.mark.parametrize(
    "attributes",
    [
        {"out": 0},
        {"out": 8, "kernel": 0},
        {"out": 8, "kernel": [3, -1]},
        {"out": 8, "stride": symbol("S")},
        {"out": 8, "padding": -1},
        {"out": 8, "padding": "full"},
        {"out": 8, "padding": [[1, 2, 3]]},
        {"out": 8, "bias": 1},
        {"out": C - 1},
    ],
)
def test_values_that_are_not_taken(attributes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="expected"):
        make(conv, **attributes)


def test_sizes_lost_to_an_earlier_error() -> None:
    op = make(conv, out=8, kernel=3, stride=2, groups=2)
    assert op.outputs((UNKNOWN, UNKNOWN, 9)) == ((8, UNKNOWN, 4),)
    assert make(conv, out=UNKNOWN, kernel=UNKNOWN).outputs((3, 7)) == ((UNKNOWN, UNKNOWN),)


def test_depthwise_conv_of_mobilenet() -> None:
    op = make(convolution.DepthwiseConv, kernel=3, stride=2, padding=1, multiplier=2)
    image = (32, 112, 112)
    assert op.outputs(image) == ((64, 56, 56),)
    assert op.weights(image) == {"weight": Weight((64, 1, 3, 3)), "bias": Weight((64,))}
    assert op.macs(image) == 64 * 9 * 56 * 56


def test_depthwise_conv_of_symbolic_channels() -> None:
    op = make(convolution.DepthwiseConv, kernel=3, padding=1, multiplier=2)
    assert op.outputs((C, H, W)) == ((2 * C, H, W),)


def test_separable_conv_of_xception() -> None:
    op = make(convolution.SeparableConv, out=128, kernel=3, padding=1, multiplier=2)
    image = (64, 109, 109)
    assert op.outputs(image) == ((128, 109, 109),)
    assert op.weights(image) == {
        "depthwise.weight": Weight((128, 1, 3, 3)),
        "pointwise.weight": Weight((128, 128, 1, 1)),
        "pointwise.bias": Weight((128,)),
    }
    assert op.macs(image) == (128 * 9 + 128 * 128) * 109 * 109
    assert op.window(image) == Window((3, 3), (1, 1))


def test_conv_transpose_doubles() -> None:
    op = make(convolution.ConvTranspose, out=16, kernel=4, stride=2, padding=1)
    image = (32, H, 7)
    assert op.outputs(image) == ((16, 2 * H, 14),)
    assert op.weights(image) == {"weight": Weight((32, 16, 4, 4)), "bias": Weight((16,))}
    assert op.macs(image) == 32 * 16 * 16 * 7 * H
    assert op.window(image) == Window((2, 2), (Fraction(1, 2),) * 2)


@given(st.integers(1, 9), st.integers(1, 5), st.integers(1, 4), st.integers(1, 3))
def test_conv_transpose_same_multiplies(n: int, kernel: int, stride: int, dilation: int) -> None:
    op = convolution.ConvTranspose(
        out=1, kernel=kernel, stride=stride, dilation=dilation, padding="same"
    )
    assert op.outputs((1, n)) == ((1, n * stride),)
    ((before, after),), (added,) = op.crops((1, n))
    assert after - before in (0, 1)
    assert (n - 1) * stride + dilation * (kernel - 1) + 1 + added - before - after == n * stride


def test_padding_that_leaves_no_output() -> None:
    op = make(convolution.ConvTranspose, out=1, kernel=3, padding=[[2, 1]])
    error = refused(op, (1, 1))
    assert error.code == "padding-too-large"
    assert error.attribute == "padding"
    assert error.message == "padding takes 3 cells off an output of 3 along spatial axis 0"


def test_output_padding_is_less_than_the_stride() -> None:
    op = make(convolution.ConvTranspose, out=1, kernel=3, stride=2, output_padding=2)
    error = refused(op, (1, 9))
    assert error.code == "out-of-range"
    assert error.attribute == "output_padding"
    assert error.message == "an output padding of 2 is not less than the stride or dilation, 2"


def test_output_padding_has_no_place_beside_same() -> None:
    op = make(
        convolution.ConvTranspose, out=1, kernel=3, stride=2, output_padding=1, padding="same"
    )
    error = refused(op, (1, 9))
    assert error.code == "conflicting-attributes"
    assert error.attribute == "output_padding"


@given(st.integers(1, 6), st.integers(1, 4), st.integers(1, 4))
def test_what_a_cell_of_conv_transpose_sees(kernel: int, stride: int, dilation: int) -> None:
    n = 24  # no less than the widest of them
    op = convolution.ConvTranspose(out=1, kernel=kernel, stride=stride, dilation=dilation)
    seen: dict[int, list[int]] = {}
    for i in range(n):
        for j in range(kernel):
            seen.setdefault(i * stride + j * dilation, []).append(i)
    window = op.window((1, n))
    assert window is not None
    assert window.extent == (max(max(cells) - min(cells) + 1 for cells in seen.values()),)
    assert window.stride == (Fraction(1, stride),)


@given(st.data())
def test_separable_is_two_convolutions(data: st.DataObject) -> None:
    op, (image,) = data.draw(CASES[convolution.SeparableConv])
    assert isinstance(op, convolution.SeparableConv)
    between = outcome(op.depthwise, image)
    if isinstance(between, OpError):
        assert refused(op, image).message == between.message
    else:
        assert op.outputs(image) == op.pointwise.outputs(*between)


@given(st.data())
def test_depthwise_is_a_grouped_convolution(data: st.DataObject) -> None:
    op, (image,) = data.draw(CASES[convolution.DepthwiseConv])
    assert isinstance(op, convolution.DepthwiseConv)
    same = op.as_conv(image)
    expected = outcome(same, image)
    if isinstance(expected, OpError):
        assert refused(op, image).message == expected.message
    else:
        assert op.outputs(image) == expected
        assert op.weights(image) == same.weights(image)
        assert op.macs(image) == same.macs(image)
