from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcnn.ops.base import Lost, Weight
from graphcnn.ops.parameter import Parameter
from graphcnn.size import UNKNOWN
from tests.ops.kernel_draws import CASES
from tests.ops.laws import check_laws, make, refused


@given(data=st.data())
def test_laws(data: st.DataObject) -> None:
    check_laws(data, *data.draw(CASES[Parameter]))


def test_parameter_is_named_as_its_node() -> None:
    op = make(Parameter, shape=[197, 768], init="normal", std=0.5)
    assert op.outputs() == ((197, 768),)
    assert op.weights() == {"": Weight((197, 768), initial="normal(0.5)")}
    assert op.macs() == 0


def test_parameter_can_be_stored_as_a_batch() -> None:
    op = make(Parameter, shape=[1, 768], batch=True)
    assert op.outputs() == ((1, 768),)
    assert op.weights() == {"": Weight((1, 1, 768), initial=0.0)}


def test_a_shape_lost_to_an_earlier_error() -> None:
    assert isinstance(refused(make(Parameter, shape=UNKNOWN)), Lost)
    assert make(Parameter, shape=[UNKNOWN, 3]).outputs() == ((UNKNOWN, 3),)


@pytest.mark.parametrize("init", ["uniform", True, [1.0]])
def test_beginnings_that_are_not_taken(init: object) -> None:
    with pytest.raises(ValueError, match="expected `normal`, or a number, found"):
        make(Parameter, shape=[3], init=init)


def test_schema_of_a_beginning() -> None:
    assert Parameter.attributes()["init"].kind.schema() == {
        "if": {"type": "string"},
        "then": {"enum": ["normal"]},
        "else": {"type": "number"},
    }
