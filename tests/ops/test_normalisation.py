from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcnn.ops import normalisation
from graphcnn.ops.base import Lost, Op, Weight
from graphcnn.size import UNKNOWN, symbol
from tests.ops.kernel_draws import CASES
from tests.ops.laws import check_laws, make, refused

C, H, W = symbol("C"), symbol("H"), symbol("W")
FAMILY = [op for op in CASES if op.group == "normalisation"]

AFFINE = {"weight": Weight((C,), initial=1.0), "bias": Weight((C,), initial=0.0)}


@pytest.mark.parametrize("op", FAMILY)
@given(data=st.data())
def test_laws(op: type[Op], data: st.DataObject) -> None:
    check_laws(data, *data.draw(CASES[op]))


@pytest.mark.parametrize("op", FAMILY)
def test_keeps_the_shape_and_costs_nothing(op: type[Op]) -> None:
    given = {name: 2 for name, declared in op.attributes().items() if declared.required}
    if op is normalisation.LayerNorm:
        given["axes"] = [0]  # type: ignore[assignment]
    norm = make(op, **given)
    assert norm.outputs((2 * C, H, W)) == ((2 * C, H, W),)
    assert norm.macs((2 * C, H, W)) == 0
    assert norm.window((2 * C, H, W)) is None


def test_batch_norm_keeps_what_pytorch_keeps() -> None:
    running = {
        "running_mean": Weight((C,), trained=False, initial=0.0),
        "running_var": Weight((C,), trained=False, initial=1.0),
    }
    norm = normalisation.BatchNorm
    assert list(make(norm).weights((C, H, W)).items()) == list({**AFFINE, **running}.items())
    assert make(norm, scale=False, shift=False).weights((C, H, W)) == running
    assert list(make(norm, scale=False).weights((C,))) == ["bias", "running_mean", "running_var"]
    assert list(make(norm, shift=False).weights((C,))) == ["weight", "running_mean", "running_var"]


def test_nothing_of_a_frozen_batch_norm_is_trained() -> None:
    weights = make(normalisation.BatchNorm, frozen=True).weights((C, H, W))
    assert list(weights) == ["weight", "bias", "running_mean", "running_var"]
    assert not any(weight.trained for weight in weights.values())


def test_layer_norm_takes_the_features() -> None:
    norm = make(normalisation.LayerNorm)
    assert norm.weights((C,)) == AFFINE
    assert norm.weights((197, C)) == AFFINE


def test_layer_norm_of_an_image_names_its_axes() -> None:
    error = refused(make(normalisation.LayerNorm), (96, 56, 56))
    assert error.code == "missing-attribute"
    assert error.message == "`layer_norm` does not know which axes of (96, 56, 56) to normalise"
    assert error.help == "`axes: [0]` is the channels, `axes: [0, 1, 2]` the whole sample"
    assert make(normalisation.LayerNorm, axes=[0]).weights((C, 56, 56)) == AFFINE


def test_weights_of_layer_norm_are_in_the_order_of_the_input() -> None:
    norm = make(normalisation.LayerNorm, axes=[-1, 0], shift=False)
    assert norm.weights((C, H, W)) == {"weight": Weight((C, W), initial=1.0)}


@pytest.mark.parametrize(
    ("axes", "code"), [([3], "no-such-axis"), ([-4], "no-such-axis"), ([0, -3], "repeated-axis")]
)
def test_axes_that_are_not_there(axes: list[int], code: str) -> None:
    error = refused(make(normalisation.LayerNorm, axes=axes), (C, H, W))
    assert error.code == code
    assert error.attribute == "axes"


def test_axes_lost_to_an_earlier_error() -> None:
    assert isinstance(refused(make(normalisation.LayerNorm, axes=UNKNOWN), (C, H, W)), Lost)


def test_group_norm() -> None:
    norm = make(normalisation.GroupNorm, groups=32)
    assert norm.weights((C, H, W)) == AFFINE
    error = refused(norm, (48, H, W))
    assert error.code == "groups-do-not-divide"
    assert error.message == "32 groups do not divide 48 input channels"


def test_instance_norm_has_no_scale_unless_asked() -> None:
    assert make(normalisation.InstanceNorm).weights((C, H, W)) == {}
    assert make(normalisation.InstanceNorm, scale=True, shift=True).weights((C, H, W)) == AFFINE


def test_instance_norm_of_one_cell() -> None:
    error = refused(make(normalisation.InstanceNorm), (64, 1, 1))
    assert error.code == "too-few-cells"
    assert error.message == (
        "`instance_norm` of (64, 1, 1) normalises one cell for each channel, which leaves nothing"
    )


def test_l2_norm_may_be_scaled() -> None:
    assert make(normalisation.L2Norm).weights((C, H, W)) == {}
    norm = make(normalisation.L2Norm, scale=20)
    assert norm.weights((C, H, W)) == {"weight": Weight((C,), initial=20.0)}
    assert make(normalisation.L2Norm, axis=-1, scale=1).weights((C, H, W))["weight"].shape == (W,)
    assert refused(make(normalisation.L2Norm, axis=2), (C, H)).code == "no-such-axis"


def test_defaults_are_those_of_pytorch() -> None:
    assert normalisation.BatchNorm().eps == normalisation.GroupNorm(groups=1).eps == 1e-5
    assert normalisation.BatchNorm().momentum == 0.1
    assert normalisation.L2Norm().eps == 1e-12
    assert normalisation.LocalResponseNorm(size=5).k == 1.0
