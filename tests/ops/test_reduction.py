from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcnn.ops.base import Lost, Op, Window
from graphcnn.size import UNKNOWN, symbol
from tests.ops.draws import CASES, cases_of
from tests.ops.laws import check_laws, fewer, make, refused

C, H, W = symbol("C"), symbol("H"), symbol("W")
ALL = cases_of("reduction")


@pytest.mark.parametrize("op", ALL)
@fewer
@given(data=st.data())
def test_laws(op: type[Op], data: st.DataObject) -> None:
    check_laws(data, *data.draw(CASES[op]))


@pytest.mark.parametrize("op", ALL)
def test_the_axes_go(op: type[Op]) -> None:
    assert make(op, axes=[1, 2]).outputs((C, H, W)) == ((C,),)
    assert make(op, axes=[-1]).outputs((C, H, W)) == ((C, H),)
    assert make(op, axes=[0, 1, 2]).outputs((C, H, W)) == ((),)


@pytest.mark.parametrize("op", ALL)
def test_the_axes_may_stay(op: type[Op]) -> None:
    assert make(op, axes=[-1, 1], keepdims=True).outputs((C, H, W)) == ((C, 1, 1),)


@pytest.mark.parametrize("op", ALL)
def test_a_cell_sees_all_that_it_is_made_of(op: type[Op]) -> None:
    assert make(op, axes=[1, 2]).window((C, H, W)) == Window((H, W), (H, W))
    assert make(op, axes=[-1]).window((C, H, W)) == Window((1, W), (1, W))
    assert make(op, axes=[0]).window((C, H, W)) is None


@pytest.mark.parametrize("op", ALL)
def test_axes_that_do_not_fit(op: type[Op]) -> None:
    assert refused(make(op, axes=[3]), (C, H, W)).code == "no-such-axis"
    error = refused(make(op, axes=[1, -2]), (C, H, W))
    assert error.code == "repeated-axis"
    assert error.message == "`axes` names axis 1 twice"


@pytest.mark.parametrize("op", ALL)
def test_what_was_lost_makes_no_new_error(op: type[Op]) -> None:
    assert isinstance(refused(make(op, axes=UNKNOWN), (C, H, W)), Lost)
    assert isinstance(refused(make(op, axes=[UNKNOWN, 1]), (C, H, W)), Lost)
    assert isinstance(refused(make(op, axes=[1], keepdims=UNKNOWN), (C, H, W)), Lost)


@pytest.mark.parametrize("op", ALL)
def test_axes_are_a_list(op: type[Op]) -> None:
    with pytest.raises(ValueError, match="a list, each an integer"):
        make(op, axes=1)
    with pytest.raises(ValueError, match="a list, each an integer"):
        make(op, axes=[])
