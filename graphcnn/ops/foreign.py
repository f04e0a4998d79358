"""What frameworks and papers call an op that has another name here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from graphcnn.diagnostics import suggest

#: in lower case and without `_`; what is near the name here needs no entry
FOREIGN: Final = {
    "bn": "batch_norm",
    "gn": "group_norm",
    "ln": "layer_norm",
    "lrn": "local_response_norm",
    "normalize": "l2_norm",
    "dwconv": "depthwise_conv",
    "deconv": "conv_transpose",
    "upconv": "conv_transpose",
    "transposedconv": "conv_transpose",
    "fc": "linear",
    "gemm": "linear",
    "dense": "linear",
    "fullyconnected": "linear",
    "mha": "attention",
    "multiheadattention": "attention",
    "multiheadselfattention": "attention",
    "gap": "global_avg_pool",
    "globalaveragepooling1d": "global_avg_pool",
    "globalaveragepooling2d": "global_avg_pool",
    "globalaveragepooling3d": "global_avg_pool",
    "averagepooling1d": "avg_pool",
    "averagepooling2d": "avg_pool",
    "averagepooling3d": "avg_pool",
    "meanpool": "avg_pool",
    "swish": "silu",
    "hswish": "hard_swish",
    "hsigmoid": "hard_sigmoid",
    "droppath": "drop_path",
    "stochasticdepth": "drop_path",
    "sub": "subtract",
    "mul": "multiply",
    "cat": "concat",
    "interpolate": "upsample",
    "resize": "upsample",
    "depthtospace": "pixel_shuffle",
    "pixelunshuffle": "space_to_depth",
    "zeropadding1d": "pad",
    "zeropadding2d": "pad",
    "zeropadding3d": "pad",
    "transpose": "permute",
    "view": "reshape",
    "chunk": "split",
    "repeatvector": "tile",
}


def suggest_op(name: str, known: Iterable[str]) -> str | None:
    """Which of the names ``known`` someone means who writes ``name`` for an op or block."""
    known = list(known)
    meant = FOREIGN.get(name.lower().replace("_", ""))
    return meant if meant in known else suggest(name, known)
