from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcnn.ops.base import Lost, Op, Weight
from graphcnn.ops.linear import Linear, Matmul
from graphcnn.size import UNKNOWN, symbol
from tests.ops.kernel_draws import CASES
from tests.ops.laws import check_laws, make, refused

D, L = symbol("D"), symbol("L")
FAMILY: list[type[Op]] = [Linear, Matmul]


@pytest.mark.parametrize("op", FAMILY)
@given(data=st.data())
def test_laws(op: type[Op], data: st.DataObject) -> None:
    check_laws(data, *data.draw(CASES[op]))


def test_linear_of_a_vector() -> None:
    op = make(Linear, out=1000)
    assert op.outputs((2048,)) == ((1000,),)
    assert op.weights((2048,)) == {"weight": Weight((1000, 2048)), "bias": Weight((1000,))}
    assert op.macs((2048,)) == 2048 * 1000


def test_linear_of_tokens() -> None:
    op = make(Linear, out=10, bias=False)
    assert op.outputs((L, D)) == ((L, 10),)
    assert op.weights((L, D)) == {"weight": Weight((10, D))}
    assert op.macs((L, D)) == 10 * L * D


def test_linear_of_an_image() -> None:
    error = refused(make(Linear, out=1000), (512, 7, UNKNOWN))
    assert error.code == "wrong-rank"
    assert error.message == "`linear` takes (features) or (tokens, features), found (512, 7, ?)"
    assert error.help == "put `flatten` before it, or `global_avg_pool` and `flatten`"


def test_matmul() -> None:
    op = make(Matmul)
    assert op.outputs((8, L, 5), (8, 5, 7)) == ((8, L, 7),)
    assert op.macs((8, L, 5), (8, 5, 7)) == 8 * 5 * 7 * L
    assert op.weights((8, L, 5), (8, 5, 7)) == {}


def test_matmul_with_the_second_transposed() -> None:
    op = make(Matmul, transpose=True)
    assert op.outputs((L, 5), (L, 5)) == ((L, L),)
    assert op.macs((L, 5), (L, 5)) == 5 * L * L


def test_matrices_that_do_not_fit() -> None:
    error = refused(make(Matmul), (4, 5), (6, 7))
    assert error.code == "shape-mismatch"
    assert error.message == "the last axis of (4, 5), 5, is multiplied with axis 0 of (6, 7), 6"
    error = refused(make(Matmul, transpose=True), (4, 5), (6, 7))
    assert error.message == "the last axis of (4, 5), 5, is multiplied with axis 1 of (6, 7), 7"


def test_matrices_of_different_number() -> None:
    error = refused(make(Matmul), (2, 4, 5), (3, 5, 4))
    assert error.message == "the inputs of `matmul`, (2, 4, 5) and (3, 5, 4), differ along axis 0"
    error = refused(make(Matmul), (2, 4, 5), (5, 4))
    assert error.message == "the inputs of `matmul`, (2, 4, 5) and (5, 4), have 3 and 2 axes"


def test_a_transpose_lost_to_an_earlier_error() -> None:
    assert isinstance(refused(make(Matmul, transpose=UNKNOWN), (4, 5), (6, 7)), Lost)
