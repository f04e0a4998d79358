"""Ops that arrange cells anew: their count, order or grid changes, their values do not."""

from graphcnn.ops.shape.axes import Flatten, Identity, Permute, Reshape, Tile
from graphcnn.ops.shape.grid import ChannelShuffle, PixelShuffle, SpaceToDepth, Upsample
from graphcnn.ops.shape.parts import Crop, Pad, Slice, Split

__all__ = [
    "ChannelShuffle",
    "Crop",
    "Flatten",
    "Identity",
    "Pad",
    "Permute",
    "PixelShuffle",
    "Reshape",
    "Slice",
    "SpaceToDepth",
    "Split",
    "Tile",
    "Upsample",
]
