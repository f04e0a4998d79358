"""Sizes: the normal form keeps the value, and every decision holds for all values of the unknowns.

The property tests draw random expressions and run each twice: on numbers and on symbols.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Mapping
from itertools import product as cartesian
from typing import TypeAlias

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from graphcnn.size import (
    UNKNOWN,
    Size,
    SizeTooComplex,
    SizeTooLarge,
    Symbolic,
    Unknown,
    at_least,
    bounds,
    ceil_div,
    divides,
    equal,
    evaluate,
    is_known,
    maximum,
    minimum,
    product,
    symbol,
    symbols,
)

H, W, C, G = symbol("H"), symbol("W"), symbol("C"), symbol("G")
Z = symbol("Z", minimum=0)

# Random expressions

Tree: TypeAlias = "str | int | tuple[str, Tree, Tree]"
SYMBOLS: Mapping[str, Size] = {"H": H, "W": W, "Z": Z}
OPERATIONS: Mapping[str, Callable[[Size, Size], Size]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "ceil_div": ceil_div,
    "max": maximum,
    "min": minimum,
}

divisors = st.recursive(
    st.integers(1, 9) | st.sampled_from(["H", "W"]),
    lambda inner: (
        st.tuples(st.sampled_from(["*", "+", "max"]), inner, inner)
        | st.tuples(st.just("max"), st.tuples(st.just("//"), inner, inner), st.just(1))
        | st.tuples(st.just("ceil_div"), inner, inner)
    ),
    max_leaves=4,
)
trees = st.recursive(
    st.integers(-9, 9) | st.sampled_from(sorted(SYMBOLS)),
    lambda inner: (
        st.tuples(st.sampled_from(["+", "-", "*", "max", "min"]), inner, inner)
        | st.tuples(st.sampled_from(["//", "%", "ceil_div"]), inner, divisors)
    ),
    max_leaves=8,
)
assignments = st.fixed_dictionaries(
    {"H": st.integers(1, 300), "W": st.integers(1, 20), "Z": st.integers(0, 300)}
)
SMALL = [
    {"H": h, "W": w, "Z": z} for h, w, z in cartesian((*range(1, 14), 40), range(1, 6), range(6))
]


def run(tree: Tree, values: Mapping[str, Size]) -> Size:
    if isinstance(tree, tuple):
        operation, left, right = tree
        return OPERATIONS[operation](run(left, values), run(right, values))
    return values[tree] if isinstance(tree, str) else tree


def symbolic(tree: Tree) -> Size:
    try:
        return run(tree, SYMBOLS)
    except (SizeTooComplex, SizeTooLarge):
        assume(False)
        raise


def calculate(text: str, values: Mapping[str, object]) -> object:
    return eval(text, {"max": max, "min": min, "__builtins__": {}}, dict(values))  # noqa: S307


@settings(max_examples=400, deadline=None)
@given(trees, assignments)
def test_the_normal_form_and_its_text_keep_the_value(tree: Tree, values: dict[str, int]) -> None:
    size = symbolic(tree)
    expected = run(tree, values)
    assert evaluate(size, values) == expected
    assert calculate(str(size), values) == expected
    assert symbols(size) <= values.keys()


@settings(max_examples=200, deadline=None)
@given(trees, assignments, st.sampled_from(["H", "W", "Z"]))
def test_symbols_can_be_replaced_one_after_another(
    tree: Tree, values: dict[str, int], first: str
) -> None:
    size = symbolic(tree)
    partly = evaluate(size, {first: values[first]})
    assert first not in symbols(partly)
    assert evaluate(partly, values) == run(tree, values)


@settings(max_examples=100, deadline=None)
@given(trees, trees, assignments)
def test_a_symbol_can_be_replaced_by_a_size(
    tree: Tree, inner: Tree, values: dict[str, int]
) -> None:
    replacement = maximum(symbolic(inner), 1)
    try:
        size = evaluate(symbolic(tree), {"H": replacement})
    except (SizeTooComplex, SizeTooLarge):
        assume(False)
    h = evaluate(replacement, values)
    assert evaluate(size, values) == run(tree, {**values, "H": h})


@settings(max_examples=200, deadline=None)
@given(trees)
def test_bounds_hold(tree: Tree) -> None:
    low, high = bounds(symbolic(tree))
    for values in SMALL:
        value = run(tree, values)
        assert isinstance(value, int)
        assert low is None or low <= value
        assert high is None or value <= high


@settings(max_examples=300, deadline=None)
@given(trees, trees)
def test_decisions_hold_for_all_values(left: Tree, right: Tree) -> None:
    a, b = symbolic(left), symbolic(right)
    try:
        same, enough = equal(a, b), at_least(a, b)
    except (SizeTooComplex, SizeTooLarge):
        assume(False)
    for values in SMALL:
        x, y = run(left, values), run(right, values)
        assert isinstance(x, int)
        assert isinstance(y, int)
        assert same in (None, x == y)
        assert enough in (None, x >= y)
        assert a != b or x == y


@settings(max_examples=300, deadline=None)
@given(divisors, trees)
def test_divides_holds_for_all_values(divisor: Tree, tree: Tree) -> None:
    try:
        answer = divides(symbolic(divisor), symbolic(tree))
    except (SizeTooComplex, SizeTooLarge):
        assume(False)
    for values in SMALL:
        x, q = run(tree, values), run(divisor, values)
        assert isinstance(x, int)
        assert isinstance(q, int)
        assert answer in (None, x % q == 0)


# The normal form


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (H, "H"),
        (H - 1, "H - 1"),
        (1 - H, "1 - H"),
        (-H, "-H"),
        (-2 * H * W - 1, "-2 * H * W - 1"),
        (64 + 32 * H, "32 * H + 64"),
        (H * W + H * H + H, "H ** 2 + H * W + H"),
        ((H + 2 * 1 - 3) // 2 + 1, "(H - 1) // 2 + 1"),
        ((H + 1) // 2, "(H - 1) // 2 + 1"),
        (ceil_div(H, 2), "(H - 1) // 2 + 1"),
        (H // 16 * 32, "32 * (H // 16)"),
        (-(H // 2), "-(H // 2)"),
        (H - H // 2, "H - H // 2"),
        (H % 2, "H - 2 * (H // 2)"),
        (H * W // 3, "H * W // 3"),
        (64 // G, "64 // G"),
        (C // (2 * G), "C // (2 * G)"),
        (C // (G + H), "C // (G + H)"),
        (C // G**2, "C // G ** 2"),
        (H // 2 * (W // 2), "(H // 2) * (W // 2)"),
        ((H // 2) ** 2, "(H // 2) ** 2"),
        (C // (symbol("H", minimum=2) // 2), "C // (H // 2)"),
        (C // maximum(H, W), "C // max(H, W)"),
        (C // (H // 2 + 1), "C // (H // 2 + 1)"),
        (maximum(H, W, 3), "max(H, W, 3)"),
        (2 * minimum(H - 1, W) + 1, "2 * min(H - 1, W) + 1"),
    ],
)
def test_text(size: Size, text: str) -> None:
    assert str(size) == text
    assert calculate(text, {"H": 7, "W": 5, "C": 48, "G": 3}) == evaluate(
        size, {"H": 7, "W": 5, "C": 48, "G": 3}
    )


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (C + 2 * G, C + G + G),
        ((H + W) * (H - W), H * H - W * W),
        ((6 * H + W + 5) // 3, 2 * H + (W + 5) // 3),
        ((7 * H + W) // 3, 2 * H + (H + W) // 3),
        (2 * H // 4, H // 2),
        ((2 * H + 1) // 4, H // 2),
        ((4 * H + 6) // 8, (H + 1) // 2),
        (((H - 1) // 2 + W) // 3, (H - 1 + 2 * W) // 6),
        (H // 2 // 2 // 2, H // 8),
        (H // G // 2, H // 2 // G),
        ((H + 3) // 4, ((H - 1) // 2 + 1 - 1) // 2 + 1),
        (C * G // G, C),
        ((C * G + G) // G, C + 1),
        (C * G // (G * H), C // H),
        ((C + G) * H // (C + G), H),
        ((C * G + 1) // (2 * G), (C * G + 1) // (G + G)),
        (ceil_div(C * G, G), C),
        (ceil_div(C, G + 1), (C - 1) // (G + 1) + 1),
        ((C - G - H) // (G + H), C // (G + H) - 1),
        (maximum(H, maximum(W, 3)), maximum(3, W, H, H)),
        (Z * 2 % 2, 0),
        (H % 4 // 4, 0),
        ((C % G) // G, 0),
        ((C - 1) // C, 0),
        (0 // C, 0),
    ],
)
def test_one_normal_form(left: Size, right: Size) -> None:
    assert left == right
    assert hash(left) == hash(right)
    assert equal(left, right) is True


def test_a_constant_is_an_int() -> None:
    assert type(H - H) is int
    assert type((H + 3) - H) is int
    assert type(H * 0) is int
    assert type(H**0) is int
    assert (H - H + 7) // 2 == 3
    assert sum((H, W), 1) == H + W + 1


def test_the_text_does_not_depend_on_the_order_of_building() -> None:
    assert str(H * W // 2 + C // 3 + 1) == str(1 + C // 3 + W * H // 2)
    assert str(maximum(W, H)) == str(maximum(H, W))


def test_an_extreme_drops_what_cannot_decide_it() -> None:
    assert maximum(H, 1) == H
    assert maximum(H, H - 1, H + W) == H + W
    assert minimum(H, H + Z) == H
    assert minimum(H, 1) == 1
    assert maximum(2, 5, 3) == 5
    assert minimum(2, 5, 3) == 2


def test_symbols_of_one_name_with_other_minima_are_not_the_same() -> None:
    assert symbol("H") == H
    assert symbol("H", minimum=0) != H
    assert equal(symbol("H", minimum=0), H) is None


@pytest.mark.parametrize("name", ["", "2x", "a b", "for", "max", "a@0"])
def test_a_symbol_has_a_name_that_python_can_read(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a size"):
        symbol(name)


def test_a_symbol_is_not_negative() -> None:
    with pytest.raises(ValueError, match="not negative"):
        symbol("H", minimum=-1)


def test_a_divisor_is_positive() -> None:
    with pytest.raises(ZeroDivisionError):
        H // 0
    with pytest.raises(ValueError, match="not known to be positive"):
        H // Z
    with pytest.raises(ValueError, match="not known to be positive"):
        H % -2


def test_what_a_size_cannot_do() -> None:
    with pytest.raises(TypeError, match="cannot decide whether H is zero"):
        bool(H)
    with pytest.raises(TypeError, match="cannot decide the order of H and 3; use at_least"):
        H < 3  # noqa: B015
    with pytest.raises(TypeError, match="use at_least"):
        3 < H  # noqa: B015, SIM300
    with pytest.raises(TypeError, match="has no integer value"):
        int(H)
    with pytest.raises(TypeError):
        range(H)  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        H + 0.5  # type: ignore[operator]
    with pytest.raises(TypeError):
        2**H  # type: ignore[operator]
    with pytest.raises(TypeError, match="the power of a size is a number"):
        H**W  # type: ignore[operator]
    with pytest.raises(ValueError, match="negative power"):
        H**-1
    with pytest.raises(AttributeError):
        H.key = "W"  # type: ignore[misc]


def test_copies_are_equal() -> None:
    size = (H + W) // 2
    assert pickle.loads(pickle.dumps(size)) == size  # noqa: S301
    assert copy.deepcopy(size) == size
    assert copy.deepcopy(UNKNOWN) is UNKNOWN
    assert pickle.loads(pickle.dumps(UNKNOWN)) is UNKNOWN  # noqa: S301


# Decisions


@pytest.mark.parametrize(
    ("a", "b", "answer"),
    [
        (3, 3, True),
        (3, 4, False),
        (H, W, None),
        (H, H + 1, False),
        (H, 0, False),
        (2 * H, 2 * W + 1, False),
        (H * W + H, H * W + H + Z + 1, False),
        (H // 2 + (H + 1) // 2, H, True),
        (H - H // 2, ceil_div(H, 2), True),
        (H // 2, ceil_div(H, 2), None),
        (2 * (H // 2) + 1, 2 * (W // 2), False),
        (H % 2, 2, False),
        (C // G * G, C, None),
    ],
)
def test_equal(a: Size, b: Size, answer: bool | None) -> None:
    assert equal(a, b) is answer
    assert equal(b, a) is answer


@pytest.mark.parametrize(
    ("a", "b", "answer"),
    [
        (3, 3, True),
        (3, 4, False),
        (H, 1, True),
        (H, 2, None),
        (Z, 0, True),
        (Z, 1, None),
        (0, H, False),
        (H, W, None),
        (H * W, H, True),
        (H * W + 1, H + W, True),
        (H, ceil_div(H, 2), True),
        (H // 2, H, False),
        (Z // 2, Z, None),
        (H % 4, 4, False),
        (3, H % 4, True),
        (C % G, 0, True),
        (G - 1, C % G, True),
        (C, C // G * G, True),
        (maximum(H, W), W, True),
        (minimum(H, W), H + 1, False),
        (maximum(H, W), minimum(H, W), True),
        (H + W, maximum(H, W) + 1, True),
    ],
)
def test_at_least(a: Size, b: Size, answer: bool | None) -> None:
    assert at_least(a, b) is answer


@pytest.mark.parametrize(
    ("q", "a", "answer"),
    [
        (3, 6, True),
        (3, 7, False),
        (0, 0, True),
        (0, 4, False),
        (-2, 4, True),
        (2, H, None),
        (2, 4 * H, True),
        (2, 4 * H + 1, False),
        (4, 2 * H + 1, False),
        (2, H * (H + 1), True),
        (3, H * (H + 1) * (H + 2), True),
        (2, H * H + H + 1, False),
        (0, H, False),
        (0, Z, None),
        (-2, 2 * H, True),
        (G, C * G, True),
        (G, C, None),
        (G, G * C + G, True),
        (G + 1, 1, False),
        (Z, H * Z, None),
        (8, H // 8 * 16, True),
    ],
)
def test_divides(q: Size, a: Size, answer: bool | None) -> None:
    assert divides(q, a) is answer


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (7, (7, 7)),
        (UNKNOWN, (None, None)),
        (symbol("N", minimum=3), (3, None)),
        (5 - H, (None, 4)),
        (H - W, (None, None)),
        (minimum(H, 7), (1, 7)),
        (maximum(Z, 2), (2, None)),
        (H % 8, (0, 7)),
        ((H - 1) // 2, (0, None)),
        ((3 - H) // 2, (None, 1)),
        (64 // G, (0, 64)),
        (H * W - H, (0, None)),
    ],
)
def test_bounds(size: Size, expected: tuple[int | None, int | None]) -> None:
    assert bounds(size) == expected


# Unknown sizes


@pytest.mark.parametrize("other", [0, 2, H, UNKNOWN])
@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_unknown_absorbs(name: str, other: Size) -> None:
    assert OPERATIONS[name](UNKNOWN, other) is UNKNOWN
    assert OPERATIONS[name](other, UNKNOWN) is UNKNOWN


def test_nothing_is_decided_about_unknown_sizes() -> None:
    for decide in (equal, at_least, divides):
        for other in (0, 2, H, UNKNOWN):
            assert decide(UNKNOWN, other) is None
            assert decide(other, UNKNOWN) is None
    assert isinstance(UNKNOWN, Unknown)
    assert -UNKNOWN is UNKNOWN
    assert UNKNOWN**2 is UNKNOWN
    assert product([2, UNKNOWN, 0]) is UNKNOWN
    assert is_known(1, H)
    assert not is_known(1, UNKNOWN)
    assert symbols(UNKNOWN) == frozenset()
    assert evaluate(UNKNOWN, {"H": 2}) is UNKNOWN
    with pytest.raises(TypeError):
        bool(UNKNOWN)
    with pytest.raises(TypeError, match="use at_least"):
        UNKNOWN < 3  # noqa: B015


# Evaluation


def test_evaluate() -> None:
    size = (H + W) // 2 * C
    assert symbols(size) == {"C", "H", "W"}
    assert evaluate(size, {"H": 7, "W": 2, "C": 3}) == 12
    assert evaluate(size, {"H": 2 * G, "W": 4}) == (G + 2) * C
    assert evaluate(size, {"H": W, "W": H}) == size
    assert evaluate(size, {"H": UNKNOWN}) is UNKNOWN
    assert evaluate(size, {"X": UNKNOWN}) == size
    assert evaluate(5, {"H": 2}) == 5
    assert evaluate(size, {}) is size


def test_evaluate_relies_on_divisors_that_were_positive() -> None:
    divisor = 10 - H % 7
    size = W // divisor // divisor  # the square of the divisor is not seen to be positive
    assert evaluate(size, {"H": H}) == size
    assert evaluate(size, {"W": 2 * W, "H": 10}) == 2 * W // 49


def test_evaluate_refuses_a_value_below_the_minimum() -> None:
    with pytest.raises(ValueError, match="H is at least 1, got 0"):
        evaluate(H // 2, {"H": 0})
    assert evaluate(Z // 2, {"Z": 0}) == 0


# Limits


def test_work_is_bounded() -> None:
    many = [symbol(f"x{i}") for i in range(300)]
    with pytest.raises(SizeTooComplex):
        sum(many, 0)
    with pytest.raises(SizeTooComplex):
        maximum(*many)
    with pytest.raises(SizeTooComplex):
        H**1000
    with pytest.raises(SizeTooComplex):
        grow(lambda size: size * size, H)
    with pytest.raises(SizeTooComplex):
        grow(lambda size: (size + W) // 3 * ((size + C) // 5), H)
    with pytest.raises(SizeTooComplex):
        grow(lambda size: maximum(size - W, C) // G, H)
    with pytest.raises(SizeTooLarge):
        grow(lambda size: size * 10 + 1, H)
    with pytest.raises(SizeTooLarge):
        grow(lambda size: size // 10, H)


def grow(step: Callable[[Size], Size], size: Size) -> None:
    for _ in range(100):
        size = step(size)


def test_sizes_that_are_numbers_are_not_limited() -> None:
    assert product([2**40, 2**40]) == 2**80
    assert evaluate(H * H, {"H": 2**40}) == 2**80


def test_a_stack_of_layers_stays_small() -> None:
    size: Size = H
    for _ in range(5):
        size = (size + 2 * 1 - 3) // 2 + 1
    assert isinstance(size, Symbolic)
    assert str(size) == "(H - 1) // 32 + 1"
