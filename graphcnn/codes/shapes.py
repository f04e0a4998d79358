"""Codes of ops that do not fit what comes in."""

from __future__ import annotations

from graphcnn.codes.code import Code, spec

CODES: dict[str, Code] = {
    "shape-mismatch": Code(
        "shapes do not go together",
        "Values that are added must have one shape, those that are concatenated must agree on all "
        "other axes. The notes say where each of them comes from; the mistake is often there.",
        spec(
            """
            - residual:
                body:
                  - conv: {out: 8, kernel: 3, padding: 1}
            """
        ),
        spec(
            """
            - residual:
                body:
                  - conv: {out: 8, kernel: 3, padding: 1}
                shortcut:
                  - conv: {out: 8, kernel: 1}
            """
        ),
    ),
    "wrong-rank": Code(
        "the input has too many or too few axes",
        "Convolutions and pools take images, `linear` takes features: `flatten`, or a global pool "
        "and `flatten`, lies between them.",
        spec("- linear: 10"),
        spec("- flatten\n- linear: 10"),
    ),
    "kernel-too-large": Code(
        "a window is larger than its padded input",
        "There is no place for it, and nothing would come out. The image has become smaller than "
        "was thought, the stride is too large, or padding is missing.",
        spec("- conv: {out: 8, kernel: 7}", image="[3, 4, 4]"),
        spec("- conv: {out: 8, kernel: 7, padding: 3}", image="[3, 4, 4]"),
    ),
    "padding-too-large": Code(
        "there is more padding than the op can use",
        "A pool's window would see nothing but padding, a transposed convolution would be cropped "
        "to nothing, or a reflection would reach beyond what it reflects.",
        spec("- max_pool: {kernel: 2, padding: 2}"),
        spec("- max_pool: {kernel: 2, padding: 1}"),
    ),
    "groups-do-not-divide": Code(
        "the channels do not fall into equal groups",
        "`groups` divides the channels that come in and those that go out.",
        spec("- conv: {out: 8, kernel: 3, groups: 2}"),
        spec("- conv: {out: 9, kernel: 3, groups: 3}"),
    ),
    "heads-do-not-divide": Code(
        "the features do not fall into equal heads",
        "Each head of an attention gets an equal part of the features.",
        spec("- attention: {heads: 5}", image="[16, 64]"),
        spec("- attention: {heads: 4}", image="[16, 64]"),
    ),
    "does-not-divide": Code(
        "an axis cannot be cut into equal parts",
        "`split` into a number of parts, `space_to_depth` and their like need a size that is a "
        "multiple.",
        spec("- space_to_depth: 3"),
        spec("- space_to_depth: 4"),
    ),
    "too-few-cells": Code(
        "there is too little to normalise over",
        "The mean of one cell is the cell itself, so that nothing is left of it when the mean is "
        "taken away.",
        spec("- global_avg_pool\n- instance_norm"),
        spec("- instance_norm\n- global_avg_pool"),
    ),
    "no-such-axis": Code(
        "the input has no such axis",
        "Axis 0 is the channels; the batch is not counted. Negative ones count from the end.",
        spec("- softmax: {axis: 3}"),
        spec("- softmax: {axis: 0}"),
    ),
    "repeated-axis": Code(
        "an axis is named twice",
        "Also 2 and -1 are one axis, where there are three.",
        spec("- mean: {axes: [2, -1]}"),
        spec("- mean: {axes: [1, 2]}"),
    ),
    "out-of-range": Code(
        "a position or amount lies outside of what is possible",
        "A `slice` beyond the axis, a `crop` that leaves nothing, an output padding as large as "
        "the stride: other tools quietly take less, which hides a wrong size.",
        spec("- slice: {stop: 4}"),
        spec("- slice: {stop: 2}"),
    ),
    "unsupported-rank": Code(
        "the op does not do this in so many dimensions",
        "The op exists for images of other ranks, or does without this attribute here.",
        spec("- pad: {amounts: [1, 1, 1, 1], mode: reflect}", image="[3, 8, 8, 8]"),
        spec("- pad: {amounts: [0, 1, 1, 1], mode: reflect}", image="[3, 8, 8, 8]"),
    ),
}
