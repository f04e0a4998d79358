from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcnn.ops import merge
from graphcnn.ops.base import Op, Undecided
from graphcnn.size import UNKNOWN, symbol
from tests.ops.draws import CASES, cases_of
from tests.ops.laws import check_laws, fewer, make, refused

C, H, W = symbol("C"), symbol("H"), symbol("W")
BROADCASTING = [merge.Add, merge.Subtract, merge.Multiply, merge.Maximum, merge.Average]


@pytest.mark.parametrize("op", cases_of("merge"))
@fewer
@given(data=st.data())
def test_laws(op: type[Op], data: st.DataObject) -> None:
    check_laws(data, *data.draw(CASES[op]))


@pytest.mark.parametrize("op", BROADCASTING)
def test_a_gate_is_broadcast(op: type[Op]) -> None:
    assert op().outputs((C, H, W), (C, 1, 1)) == ((C, H, W),)
    assert op().outputs((C, 1, 1), (C, H, W)) == ((C, H, W),)
    assert op().outputs((1, H, 1), (C, 1, W)) == ((C, H, W),)


@pytest.mark.parametrize("op", BROADCASTING)
def test_sizes_that_differ(op: type[Op]) -> None:
    error = refused(op(), (64, 56, 56), (256, 56, 56))
    assert error.code == "shape-mismatch"
    assert error.message == (
        f"the inputs of `{op.name}`, (64, 56, 56) and (256, 56, 56), differ along axis 0: "
        "64 and 256"
    )
    assert error.help == "a 1x1 conv gives one of them the channels of the other, 64 or 256"


@pytest.mark.parametrize("op", BROADCASTING)
def test_ranks_that_differ(op: type[Op]) -> None:
    error = refused(op(), (64, 56, 56), (64,))
    assert error.code == "shape-mismatch"
    assert error.message.endswith("(64, 56, 56) and (64,), have 3 and 1 axes")


@pytest.mark.parametrize("op", BROADCASTING)
def test_symbols_that_may_differ(op: type[Op]) -> None:
    assert isinstance(refused(op(), (64, H, W), (64, W, H)), Undecided)
    assert isinstance(refused(op(), (64, H, W), (64, 2, W)), Undecided)
    # for H = 1 they fit, since 1 is broadcast
    assert isinstance(refused(op(), (H,), (2 * H,)), Undecided)
    assert refused(op(), (H + 1,), (H + 2,)).code == "shape-mismatch"


def test_the_message_names_the_two_inputs_at_odds() -> None:
    error = refused(merge.Add(), (1, 8), (4, 8), (4, 1), (5, 8))
    assert "(4, 8) and (5, 8), differ along axis 0: 4 and 5" in error.message


@pytest.mark.parametrize("op", BROADCASTING)
def test_what_is_known_survives_what_is_not(op: type[Op]) -> None:
    assert op().outputs((64, UNKNOWN), (UNKNOWN, 1)) == ((64, UNKNOWN),)
    assert op().outputs((UNKNOWN,), (H + 1,)) == ((H + 1,),)
    # where H is 1 the other decides
    assert op().outputs((UNKNOWN,), (H,)) == ((UNKNOWN,),)
    error = refused(merge.Add(), (4, UNKNOWN), (4, 8), (5, 8))
    assert error.message.endswith("4 and 5")


def test_subtract_takes_two() -> None:
    assert merge.Subtract.arity == (2, 2)
    assert {op.arity for op in BROADCASTING if op is not merge.Subtract} == {(2, None)}


def test_concat_joins_the_channels() -> None:
    assert merge.Concat().outputs((64, H, W), (C, H, W), (2, H, W)) == ((C + 66, H, W),)
    assert merge.Concat().outputs((64, H, W)) == ((64, H, W),)


@pytest.mark.parametrize("axis", [1, -2])
def test_concat_joins_any_axis(axis: int) -> None:
    assert make(merge.Concat, axis=axis).outputs((64, 3, W), (64, H, W)) == ((64, H + 3, W),)


def test_concat_of_sizes_that_differ() -> None:
    error = refused(merge.Concat(), (64, 56, 56), (64, 56, 28))
    assert error.code == "shape-mismatch"
    assert error.message == (
        "the inputs of `concat`, (64, 56, 56) and (64, 56, 28), differ along axis 2: 56 and 28"
    )
    assert isinstance(refused(merge.Concat(), (64, H), (64, W)), Undecided)
    # one is no wildcard here
    assert refused(merge.Concat(), (64, 56), (64, 1)).code == "shape-mismatch"
    assert refused(merge.Concat(), (64, H), (64, 2 * H)).code == "shape-mismatch"


def test_concat_of_ranks_that_differ() -> None:
    assert "have 2 and 1 axes" in refused(merge.Concat(), (64, 56), (64,)).message


def test_concat_keeps_what_is_known() -> None:
    assert merge.Concat().outputs((UNKNOWN, UNKNOWN), (4, 8)) == ((UNKNOWN, 8),)
    assert "8 and 9" in refused(merge.Concat(), (4, UNKNOWN), (4, 8), (4, 9)).message


def test_concat_has_no_such_axis() -> None:
    assert refused(make(merge.Concat, axis=2), (4, 8), (4, 8)).code == "no-such-axis"


@pytest.mark.parametrize("op", cases_of("merge"))
def test_costs_nothing(op: type[Op]) -> None:
    made = make(op, factor=0.5) if op is merge.Scale else op()
    assert made.weights((8, 4), (8, 4)) == {}
    assert made.macs((8, 4), (8, 4)) == 0
    assert made.window((8, 4), (8, 4)) is None
