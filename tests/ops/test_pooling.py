from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcnn.ops import pooling
from graphcnn.ops.base import Lost, Op, OpError, Window
from graphcnn.ops.sliding import sliding
from graphcnn.size import UNKNOWN, symbol
from tests.ops.kernel_draws import CASES
from tests.ops.laws import check_laws, make, outcome, refused

C, H, W = symbol("C"), symbol("H"), symbol("W")
FAMILY = [op for op in CASES if op.group == "pooling"]
SLIDING: list[type[Op]] = [pooling.MaxPool, pooling.AvgPool]
GLOBAL: list[type[Op]] = [pooling.GlobalAvgPool, pooling.GlobalMaxPool]
ADAPTIVE: list[type[Op]] = [pooling.AdaptiveAvgPool, pooling.AdaptiveMaxPool]


@pytest.mark.parametrize("op", FAMILY)
@given(data=st.data())
def test_laws(op: type[Op], data: st.DataObject) -> None:
    check_laws(data, *data.draw(CASES[op]))


@pytest.mark.parametrize("op", FAMILY)
def test_pools_are_free(op: type[Op]) -> None:
    required = {name: 2 for name, declared in op.attributes().items() if declared.required}
    assert make(op, **required).weights((8, 6, 6)) == {}
    assert make(op, **required).macs((8, 6, 6)) == 0


@pytest.mark.parametrize("op", SLIDING)
def test_the_step_is_the_size_unless_given(op: type[Op]) -> None:
    assert make(op, kernel=2).outputs((C, 2 * H, 7)) == ((C, H, 3),)
    assert make(op, kernel=[3, 2]).outputs((8, 9, 9)) == ((8, 3, 4),)
    assert make(op, kernel=3, stride=2, padding=1).outputs((8, 112, H)) == ((8, 56, (H + 1) // 2),)
    assert make(op, kernel=3, stride=2).window((8, 9, 9)) == Window((3, 3), (2, 2))


@pytest.mark.parametrize("op", SLIDING)
@pytest.mark.parametrize(
    ("n", "given", "expected"),
    [
        (112, {"kernel": 3, "stride": 2}, 56),
        (5, {"kernel": 2}, 3),
        (4, {"kernel": 2, "padding": [[0, 1]]}, 2),  # a third would start in the padding
        (3, {"kernel": 2, "stride": 4, "padding": 1}, 1),
        (2, {"kernel": 3, "stride": 2}, 1),  # no window lies inside as a whole
    ],
)
def test_ceil_rounds_up(op: type[Op], n: int, given: dict[str, object], expected: int) -> None:
    assert make(op, **given, ceil=True).outputs((1, n)) == ((1, expected),)


@pytest.mark.parametrize("op", SLIDING)
def test_ceil_of_a_symbolic_image(op: type[Op]) -> None:
    pool = make(op, kernel=3, stride=2, ceil=True)
    assert pool.outputs((C, 2 * H, 2 * H + 1)) == ((C, H, H),)
    assert refused(pool, (C, H, H)).code == "undecided"


@pytest.mark.parametrize("op", SLIDING)
def test_same_rounds_up_too(op: type[Op]) -> None:
    pool = make(op, kernel=3, stride=2, padding="same")
    assert pool.outputs((C, H, 7)) == ((C, (H + 1) // 2, 4),)


@pytest.mark.parametrize("op", SLIDING)
def test_windows_of_nothing_but_padding_at_an_end(op: type[Op]) -> None:
    error = refused(make(op, kernel=3, padding=[[0, 1], [3, 0]]), (8, 7, 7))
    assert error.code == "padding-too-large"
    assert error.attribute == "padding"
    assert error.message == (
        "a padding of 3 along spatial axis 1 makes windows of 3 cells that see nothing but padding"
    )
    assert make(op, kernel=3, padding=2).outputs((8, 7, 7)) == ((8, 3, 3),)


def test_dilated_windows_that_step_over_the_input() -> None:
    pool = make(pooling.MaxPool, kernel=2, stride=1, padding="same", dilation=3)
    error = refused(pool, (8, 2, 7))
    assert error.code == "padding-too-large"
    assert error.attribute == "dilation"
    assert error.message == (
        "a window whose cells are 3 apart steps over all 2 cells along spatial axis 0 and sees "
        "nothing but padding"
    )
    assert pool.outputs((8, 3, 7)) == ((8, 3, 7),)
    assert refused(pool, (8, H, 7)).code == "undecided"
    assert pool.outputs((8, H + 2, 7)) == ((8, H + 2, 7),)
    odd = make(pooling.MaxPool, kernel=3, stride=1, padding="same", dilation=3)
    assert odd.outputs((8, H, 1)) == ((8, H, 1),)


@given(
    n=st.integers(1, 8),
    kernel=st.integers(1, 5),
    stride=st.integers(1, 6),
    dilation=st.integers(1, 12),
    padding=st.one_of(st.just("same"), st.tuples(st.integers(0, 12), st.integers(0, 12))),
    ceil=st.booleans(),
)
def test_each_window_of_a_max_pool_sees_a_cell(
    n: int, kernel: int, stride: int, dilation: int, padding: Any, ceil: bool
) -> None:
    """Held against all places of all windows."""
    padding = padding if padding == "same" else (padding,)
    pool = make(
        pooling.MaxPool, kernel=kernel, stride=stride, dilation=dilation, padding=padding, ceil=ceil
    )
    found = outcome(pool, (1, n))
    if isinstance(found, OpError) and found.attribute != "dilation":
        return
    walk = sliding((1, n), kernel=kernel, stride=stride, padding=padding, dilation=dilation)
    (windows,) = walk.output_ceil() if ceil else walk.output()
    ((before, _),) = walk.pads
    begins = [i * stride - before for i in range(int(str(windows)))]
    seen = all(any(0 <= begin + k * dilation < n for k in range(kernel)) for begin in begins)
    assert isinstance(found, OpError) is not seen


@pytest.mark.parametrize("op", SLIDING)
def test_kernel_larger_than_the_input(op: type[Op]) -> None:
    assert refused(make(op, kernel=3), (8, 2, 3)).code == "kernel-too-large"
    assert refused(make(op, kernel=9, stride=2, ceil=True), (8, 2)).code == "kernel-too-large"


@pytest.mark.parametrize("op", SLIDING)
def test_a_rounding_lost_to_an_earlier_error(op: type[Op]) -> None:
    assert isinstance(refused(make(op, kernel=3, ceil=UNKNOWN), (8, 9)), Lost)


@pytest.mark.parametrize("op", GLOBAL)
def test_global_pools(op: type[Op]) -> None:
    assert make(op).outputs((C, H, W)) == ((C, 1, 1),)
    assert make(op, keepdims=False).outputs((C, H, W)) == ((C,),)
    assert make(op).window((C, H, W)) == Window((H, W), (H, W))
    assert isinstance(refused(make(op, keepdims=UNKNOWN), (C, H, W)), Lost)


@pytest.mark.parametrize("op", ADAPTIVE)
def test_adaptive_pools(op: type[Op]) -> None:
    assert make(op, size=7).outputs((C, H, W)) == ((C, 7, 7),)
    assert make(op, size=[1, 2, 3]).outputs((C, H, W, H)) == ((C, 1, 2, 3),)
    assert make(op, size=7).window((C, 7 * H, 14)) == Window((H, 2), (H, 2))
    assert make(op, size=7).window((C, H, 10)) == Window((UNKNOWN, 3), (UNKNOWN, Fraction(10, 7)))


@given(st.integers(1, 60), st.integers(1, 60))
def test_the_widest_window_of_an_adaptive_pool(n: int, out: int) -> None:
    widest = max(-(-(i + 1) * n // out) - i * n // out for i in range(out))
    assert pooling.AdaptiveAvgPool(size=out).window((1, n)) == Window(
        (widest,), (Fraction(n, out),)
    )
