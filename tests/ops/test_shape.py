from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcnn.ops import shape
from graphcnn.ops.base import Lost, Op, Shape, Undecided, Window
from graphcnn.size import UNKNOWN, symbol
from tests.ops.draws import CASES, cases_of
from tests.ops.laws import check_laws, fewer, make, refused

C, H, W = symbol("C"), symbol("H"), symbol("W")


@pytest.mark.parametrize("op", cases_of("shape"))
@fewer
@given(data=st.data())
def test_laws(op: type[Op], data: st.DataObject) -> None:
    check_laws(data, *data.draw(CASES[op]))


@pytest.mark.parametrize(
    ("op", "attributes", "x", "outputs"),
    [
        (shape.Identity, {}, (C, H, W), [(C, H, W)]),
        (shape.Flatten, {}, (64, H, W), [(64 * H * W,)]),
        (shape.Flatten, {}, (64,), [(64,)]),
        (shape.Flatten, {"start": 1}, (C, H, W), [(C, H * W)]),
        (shape.Flatten, {"start": -2}, (C, 2, H, W), [(C, 2, H * W)]),
        (shape.Flatten, {"end": 1}, (8, 3, W), [(24, W)]),
        (shape.Reshape, {"shape": [H * W, C]}, (C, H, W), [(H * W, C)]),
        (shape.Reshape, {"shape": [4, 2]}, (8,), [(4, 2)]),
        (shape.Permute, {"axes": [1, 2, 0]}, (C, H, W), [(H, W, C)]),
        (shape.Permute, {"axes": [-1, 0]}, (C, W), [(W, C)]),
        (shape.Pad, {"amounts": 1}, (C, H, W), [(C, H + 2, W + 2)]),
        (shape.Pad, {"amounts": 1}, (C,), [(C + 2,)]),
        (shape.Pad, {"amounts": [[0, 1], 2]}, (C, H, W), [(C, H + 1, W + 4)]),
        (shape.Pad, {"amounts": [[4, 5], 0, 0]}, (C, H, W), [(C + 9, H, W)]),
        (shape.Pad, {"amounts": [[0, C]]}, (8,), [(C + 8,)]),
        (shape.Pad, {"amounts": 1, "mode": "replicate"}, (C, H), [(C, H + 2)]),
        (shape.Pad, {"amounts": 1, "mode": "reflect"}, (C, H + 1), [(C, H + 3)]),
        (shape.Crop, {"amounts": [1, [0, 2]]}, (C, 8, 8), [(C, 6, 6)]),
        (shape.Crop, {"amounts": [[2, 3], 0, 0]}, (8, H, W), [(3, H, W)]),
        (shape.Crop, {"amounts": 1}, (C, 4 * H), [(C, 4 * H - 2)]),
        (shape.Slice, {"start": 2}, (8, H), [(6, H)]),
        (shape.Slice, {"stop": 3}, (8, H), [(3, H)]),
        (shape.Slice, {"axis": 1, "start": -4, "stop": -1}, (C, 8 * H), [(C, 3)]),
        (shape.Slice, {"axis": 1, "start": 1, "step": 2}, (C, 2 * H), [(C, H)]),
        (shape.Slice, {"axis": -1, "stop": H}, (C, 2 * H), [(C, H)]),
        (shape.Split, {"parts": 2}, (2 * C, H), [(C, H), (C, H)]),
        (shape.Split, {"parts": 1}, (C,), [(C,)]),
        (shape.Split, {"sizes": [3, C], "axis": 1}, (H, C + 3), [(H, 3), (H, C)]),
        (shape.Tile, {"repeats": [1, 2, H]}, (C, H, W), [(C, 2 * H, H * W)]),
        (shape.Upsample, {"factor": 2}, (C, H, W), [(C, 2 * H, 2 * W)]),
        (shape.Upsample, {"factor": [1, 3]}, (C, H, W), [(C, H, 3 * W)]),
        (shape.Upsample, {"size": [7, W]}, (C, H, W), [(C, 7, W)]),
        (shape.Upsample, {"size": 7}, (C, H, W), [(C, 7, 7)]),
        (shape.ChannelShuffle, {"groups": 3}, (3 * C, H), [(3 * C, H)]),
        (shape.PixelShuffle, {"factor": 2}, (4 * C, H, W), [(C, 2 * H, 2 * W)]),
        (shape.SpaceToDepth, {"block": 2}, (C, 2 * H, 4), [(4 * C, H, 2)]),
    ],
)
def test_outputs(op: type[Op], attributes: dict[str, Any], x: Shape, outputs: list[Shape]) -> None:
    made = make(op, **attributes)
    assert made.outputs(x) == tuple(outputs)
    assert made.weights(x) == {}
    assert made.macs(x) == 0


@pytest.mark.parametrize(
    ("op", "attributes", "x", "code", "attribute", "message"),
    [
        (
            shape.Flatten,
            {"start": 2, "end": 1},
            (C, H, W),
            "out-of-range",
            "start",
            "`start` is axis 2, behind `end`, axis 1",
        ),
        (
            shape.Flatten,
            {"end": 3},
            (C, H, W),
            "no-such-axis",
            "end",
            "there is no axis 3 in an input of 3 axes",
        ),
        (
            shape.Reshape,
            {"shape": [4, 3]},
            (8, 2),
            "shape-mismatch",
            "shape",
            "(8, 2) of 16 cells does not fit into (4, 3) of 12 cells",
        ),
        (
            shape.Permute,
            {"axes": [1, 0]},
            (C, H, W),
            "wrong-length",
            "axes",
            "`axes` names 2 of the 3 axes of (C, H, W)",
        ),
        (
            shape.Permute,
            {"axes": [1, 0, 1]},
            (C, H, W),
            "repeated-axis",
            "axes",
            "`axes` names axis 1 twice",
        ),
        (
            shape.Pad,
            {"amounts": [1, 1, 1]},
            (C, H),
            "wrong-length",
            "amounts",
            "`amounts` has 3 values for an input of 2 axes, or without the channels 1",
        ),
        (
            shape.Pad,
            {"amounts": [1, 1]},
            (C,),
            "wrong-length",
            "amounts",
            "`amounts` has 2 values for an input of one axis",
        ),
        (
            shape.Pad,
            {"amounts": 4, "mode": "reflect"},
            (C, 8, 4),
            "padding-too-large",
            "amounts",
            "reflecting 4 along axis 2 needs more than its 4 cells",
        ),
        (
            shape.Pad,
            {"amounts": 1, "mode": "reflect", "value": 1},
            (C, 8, 4),
            "conflicting-attributes",
            "value",
            "`value` 1 is for mode `constant`, but the mode is `reflect`",
        ),
        (
            shape.Pad,
            {"amounts": [1, 0, 0, 0], "mode": "replicate"},
            (C, 8, 4, 4),
            "unsupported-rank",
            "mode",
            "mode `replicate` pads at most 3 axes, so not the channels of (C, 8, 4, 4) too",
        ),
        (
            shape.Crop,
            {"amounts": [4, 0]},
            (C, 8, W),
            "out-of-range",
            "amounts",
            "nothing is left of the 8 cells of axis 1 when 4 are taken before and 4 after",
        ),
        (
            shape.Slice,
            {"axis": 1, "stop": 9},
            (C, 8),
            "out-of-range",
            "stop",
            "`stop` 9 is beyond the 8 cells of axis 1",
        ),
        (
            shape.Slice,
            {"axis": 1, "start": -9},
            (C, 8),
            "out-of-range",
            "start",
            "`start` -9 is beyond the 8 cells of axis 1",
        ),
        (
            shape.Slice,
            {"axis": 1, "start": 5, "stop": -4},
            (C, 8),
            "out-of-range",
            "stop",
            "no cell of axis 1 lies between `start` 5 and `stop` 4",
        ),
        (
            shape.Split,
            {"parts": 3},
            (64, H, W),
            "does-not-divide",
            "parts",
            "3 does not divide the size of axis 0, 64",
        ),
        (
            shape.Split,
            {"sizes": [16, 32]},
            (64, H, W),
            "shape-mismatch",
            "sizes",
            "the sizes 16 + 32 add up to 48, but axis 0 has 64",
        ),
        (shape.Split, {}, (C,), "missing-attribute", None, "neither `parts` nor `sizes` is given"),
        (
            shape.Split,
            {"parts": 2, "sizes": [1, 1]},
            (2,),
            "conflicting-attributes",
            "sizes",
            "both `parts` and `sizes` are given",
        ),
        (
            shape.Tile,
            {"repeats": [1, 2]},
            (C, H, W),
            "wrong-length",
            "repeats",
            "`repeats` has 2 values for the 3 axes of (C, H, W)",
        ),
        (
            shape.Upsample,
            {},
            (C, H, W),
            "missing-attribute",
            None,
            "neither `factor` nor `size` is given",
        ),
        (
            shape.Upsample,
            {"factor": 2, "align_corners": True},
            (C, H, W),
            "conflicting-attributes",
            "align_corners",
            "`align_corners` is for mode `bilinear`, but the mode is `nearest`",
        ),
        (
            shape.Upsample,
            {"factor": [2]},
            (C, H, W),
            "wrong-length",
            "factor",
            "`factor` has 1 values for 2 spatial axes",
        ),
        (
            shape.ChannelShuffle,
            {"groups": 3},
            (64, H, W),
            "groups-do-not-divide",
            "groups",
            "3 groups do not divide 64 input channels",
        ),
        (
            shape.PixelShuffle,
            {"factor": 3},
            (12, H, W),
            "does-not-divide",
            "factor",
            "9 does not divide the number of channels, 12",
        ),
        (
            shape.SpaceToDepth,
            {"block": 2},
            (3, 8, 7),
            "does-not-divide",
            "block",
            "2 does not divide the width, 7",
        ),
    ],
)
def test_refusals(
    op: type[Op],
    attributes: dict[str, Any],
    x: Shape,
    code: str,
    attribute: str | None,
    message: str,
) -> None:
    error = refused(make(op, **attributes), x)
    assert (error.code, error.attribute) == (code, attribute)
    assert error.message == message


@pytest.mark.parametrize(
    ("op", "attributes", "x"),
    [
        (shape.Reshape, {"shape": [H * H]}, (H, W)),
        (shape.Pad, {"amounts": 1, "mode": "reflect"}, (C, H)),
        (shape.Crop, {"amounts": 1}, (C, H)),
        (shape.Slice, {"axis": 1, "stop": 2}, (C, H)),
        (shape.Slice, {"start": H - 4}, (C, H)),
        (shape.Split, {"parts": 2}, (C, H)),
        (shape.Split, {"sizes": [1, H]}, (C, H)),
        (shape.ChannelShuffle, {"groups": 2}, (C, H)),
        (shape.PixelShuffle, {"factor": 2}, (2 * C, H, W)),
        (shape.SpaceToDepth, {"block": 2}, (C, H, W)),
    ],
)
def test_what_depends_on_the_sizes(op: type[Op], attributes: dict[str, Any], x: Shape) -> None:
    error = refused(make(op, **attributes), x)
    assert isinstance(error, Undecided)
    assert re.match("for some [CHW](, [CHW])* it may be that ", error.message)


@pytest.mark.parametrize(
    ("op", "attributes", "x", "window"),
    [
        (shape.Slice, {"axis": 2, "step": 2}, (C, H, W), Window((1, 1), (1, 2))),
        (shape.Slice, {"axis": 2}, (C, H, W), None),
        (shape.Slice, {"axis": 0, "step": 2}, (8, H, W), None),
        (shape.Upsample, {"factor": 2}, (C, H, W), Window((1, 1), (Fraction(1, 2),) * 2)),
        (
            shape.Upsample,
            {"factor": [1, 4], "mode": "bilinear"},
            (C, H, W),
            Window((1, 2), (Fraction(1), Fraction(1, 4))),
        ),
        (shape.Upsample, {"size": 6}, (C, 4), Window((1,), (Fraction(2, 3),))),
        (shape.Upsample, {"size": 3 * H}, (C, H), Window((1,), (Fraction(1, 3),))),
        (shape.Upsample, {"size": H}, (C, 2 * H), Window((1,), (2,))),
        (shape.Upsample, {"size": W}, (C, H), Window((1,), (UNKNOWN,))),
        (shape.Upsample, {"size": [4, H], "mode": "bilinear"}, (C, 4, H), Window((1, 1), (1, 1))),
        (shape.PixelShuffle, {"factor": 3}, (9, H, W), Window((1, 1), (Fraction(1, 3),) * 2)),
        (shape.SpaceToDepth, {"block": 2}, (3, 8, 8), Window((2, 2), (2, 2))),
        (shape.Pad, {"amounts": 2}, (C, H, W), None),
        (shape.Crop, {"amounts": 2}, (C, 8, 8), None),
    ],
)
def test_windows(op: type[Op], attributes: dict[str, Any], x: Shape, window: Window | None) -> None:
    assert make(op, **attributes).window(x) == window


@pytest.mark.parametrize(
    ("op", "attributes"),
    [
        (shape.Flatten, {"start": UNKNOWN}),
        (shape.Reshape, {"shape": UNKNOWN}),
        (shape.Permute, {"axes": UNKNOWN}),
        (shape.Slice, {"axis": UNKNOWN}),
        (shape.Split, {"parts": UNKNOWN}),
        (shape.Split, {"sizes": UNKNOWN}),
    ],
)
def test_a_lost_attribute_is_no_new_error(op: type[Op], attributes: dict[str, Any]) -> None:
    assert isinstance(refused(make(op, **attributes), (4, 4, 4)), Lost)


@pytest.mark.parametrize(
    ("op", "attributes", "x", "output"),
    [
        (shape.Reshape, {"shape": [UNKNOWN, 2]}, (C, H), (UNKNOWN, 2)),
        (shape.Pad, {"amounts": UNKNOWN}, (C, H), (C, UNKNOWN)),
        (shape.Pad, {"amounts": [UNKNOWN]}, (C, H), (C, UNKNOWN)),
        (shape.Pad, {"amounts": 1, "mode": UNKNOWN}, (C, H), (C, H + 2)),
        (shape.Crop, {"amounts": [[0, UNKNOWN]]}, (C, H), (C, UNKNOWN)),
        (shape.Slice, {"start": UNKNOWN}, (C, H), (UNKNOWN, H)),
        (shape.Slice, {"stop": UNKNOWN, "start": 3}, (C + 3, H), (UNKNOWN, H)),
        (shape.Split, {"sizes": [UNKNOWN]}, (C, H), (UNKNOWN, H)),
        (shape.Tile, {"repeats": UNKNOWN}, (C, H), (UNKNOWN, UNKNOWN)),
        (shape.Upsample, {"factor": UNKNOWN}, (C, H), (C, UNKNOWN)),
        (shape.Upsample, {"size": UNKNOWN}, (C, H), (C, UNKNOWN)),
        (shape.Upsample, {"factor": 2, "align_corners": UNKNOWN}, (C, H), (C, 2 * H)),
        (shape.ChannelShuffle, {"groups": UNKNOWN}, (C, H), (C, H)),
        (shape.PixelShuffle, {"factor": UNKNOWN}, (C, H, W), (UNKNOWN,) * 3),
        (shape.SpaceToDepth, {"block": UNKNOWN}, (C, H, W), (UNKNOWN,) * 3),
    ],
)
def test_a_lost_value_hides_what_it_must(
    op: type[Op], attributes: dict[str, Any], x: Shape, output: Shape
) -> None:
    assert make(op, **attributes).outputs(x) == (output,)


@pytest.mark.parametrize(
    ("op", "attributes"),
    [
        (shape.Reshape, {"shape": [-1, 4]}),
        (shape.Pad, {"amounts": -1}),
        (shape.Pad, {"amounts": [[1, 2, 3]]}),
        (shape.Pad, {"amounts": "same"}),
        (shape.Pad, {"amounts": [0, 0, 0, 0, 0]}),
        (shape.Slice, {"step": 0}),
        (shape.Split, {"parts": 0}),
        (shape.Split, {"parts": C}),
        (shape.Upsample, {"factor": 1.5}),
        (shape.Upsample, {"factor": C}),
        (shape.Upsample, {"mode": "bicubic"}),
        (shape.PixelShuffle, {"factor": C}),
    ],
)
def test_values_that_are_not_taken(op: type[Op], attributes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        make(op, **attributes)
