from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcnn.ops import activation
from graphcnn.ops.base import Lost, Op, Weight, Window
from graphcnn.size import UNKNOWN, symbol
from tests.ops.draws import CASES, cases_of
from tests.ops.laws import check_laws, fewer, make, refused

H, W = symbol("H"), symbol("W")


@pytest.mark.parametrize("op", cases_of("activation"))
@fewer
@given(data=st.data())
def test_laws(op: type[Op], data: st.DataObject) -> None:
    check_laws(data, *data.draw(CASES[op]))


@pytest.mark.parametrize("op", cases_of("activation"))
def test_keeps_the_shape_and_costs_nothing(op: type[Op]) -> None:
    x = (64, H, W)
    assert op().outputs(x) == (x,)
    assert op().macs(x) == 0
    assert op().window(x) is None


def test_only_prelu_is_trained() -> None:
    trained = [op for op in cases_of("activation") if op().weights((64, 7, 7))]
    assert trained == [activation.Prelu]


def test_prelu_has_a_slope_for_each_channel() -> None:
    x = (symbol("C"), H, W)
    assert make(activation.Prelu).weights(x) == {"weight": Weight((symbol("C"),), True, 0.25)}


def test_prelu_can_share_its_slope() -> None:
    op = make(activation.Prelu, shared=True, init=0)
    assert op.weights((64, H, W)) == {"weight": Weight((1,), True, 0.0)}


def test_prelu_needs_channels() -> None:
    assert refused(make(activation.Prelu), ()).code == "shape-mismatch"


def test_defaults_are_those_of_pytorch() -> None:
    assert activation.LeakyRelu().slope == 0.01
    assert activation.Elu().alpha == 1.0
    assert activation.Softplus().beta == 1.0
    assert activation.Gelu().approximation == "exact"


@pytest.mark.parametrize("op", [activation.Softmax, activation.LogSoftmax])
def test_a_softmax_sees_the_whole_of_a_spatial_axis(op: type[Op]) -> None:
    assert make(op, axis=2).window((64, H, W)) == Window((1, W), (1, 1))
    assert make(op, axis=-2).window((64, H, W)) == Window((H, 1), (1, 1))
    assert make(op, axis=-3).window((64, H, W)) is None


@pytest.mark.parametrize("op", [activation.Softmax, activation.LogSoftmax])
def test_an_axis_that_is_not_there(op: type[Op]) -> None:
    error = refused(make(op, axis=3), (64, 7, 7))
    assert error.code == "no-such-axis"
    assert error.attribute == "axis"
    assert error.message == "there is no axis 3 in an input of 3 axes"
    assert refused(make(op, axis=-4), (64, 7, 7)).code == "no-such-axis"
    assert refused(make(op, axis=1), (64,)).message == "there is no axis 1 in an input of 1 axis"


def test_an_axis_lost_to_an_earlier_error_is_no_new_one() -> None:
    assert isinstance(refused(make(activation.Softmax, axis=UNKNOWN), (64, 7, 7)), Lost)


@pytest.mark.parametrize(
    ("op", "attributes"),
    [
        (activation.Softplus, {"beta": 0}),
        (activation.Gelu, {"approximation": "erf"}),
        (activation.Softmax, {"axis": symbol("A")}),
        (activation.LeakyRelu, {"slope": True}),
    ],
)
def test_values_that_are_not_taken(op: type[Op], attributes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="expected"):
        make(op, **attributes)
