"""What works in training alone, and is gone in inference."""

from __future__ import annotations

from graphcnn.backends.onnx.tensor import Tensor, Use
from graphcnn.ops.regularisation import Dropout, DropPath, SpatialDropout


def dropout(op: Dropout | SpatialDropout | DropPath, use: Use) -> Tensor:
    return use.x
