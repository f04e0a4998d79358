from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcnn.ops import regularisation
from graphcnn.ops.base import Op
from tests.ops.draws import CASES, cases_of
from tests.ops.laws import check_laws, fewer, make

ALL = cases_of("regularisation")


@pytest.mark.parametrize("op", ALL)
@fewer
@given(data=st.data())
def test_laws(op: type[Op], data: st.DataObject) -> None:
    check_laws(data, *data.draw(CASES[op]))


@pytest.mark.parametrize("op", ALL)
def test_the_short_form_sets_the_rate(op: type[Op]) -> None:
    assert op.main == "rate"


@pytest.mark.parametrize("op", ALL)
@pytest.mark.parametrize("rate", [0, 0.3, 1])
def test_costs_nothing(op: type[Op], rate: float) -> None:
    made = make(op, rate=rate)
    assert made.outputs((8, 4, 4)) == ((8, 4, 4),)
    assert made.weights((8, 4, 4)) == {}
    assert made.macs((8, 4, 4)) == 0


@pytest.mark.parametrize("op", ALL)
@pytest.mark.parametrize("rate", [-0.1, 1.1, True, "half"])
def test_a_rate_is_a_probability(op: type[Op], rate: object) -> None:
    with pytest.raises(ValueError, match="a number of at least 0 and of at most 1"):
        make(op, rate=rate)


def test_only_drop_path_has_no_usual_rate() -> None:
    required = {op for op in ALL if op.attributes()["rate"].required}
    assert required == {regularisation.DropPath}


def test_spatial_dropout_needs_space() -> None:
    assert regularisation.SpatialDropout.ranks == (2, 3, 4)
