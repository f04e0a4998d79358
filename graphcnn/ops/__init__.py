"""The ops of the language. ``OPS`` is the table; each family has a module beside it."""

from graphcnn.ops.activation import (
    Elu,
    Gelu,
    HardSigmoid,
    HardSwish,
    LeakyRelu,
    LogSoftmax,
    Mish,
    Prelu,
    Relu,
    Relu6,
    Selu,
    Sigmoid,
    Silu,
    Softmax,
    Softplus,
    Tanh,
)
from graphcnn.ops.attention import Attention
from graphcnn.ops.base import Op
from graphcnn.ops.convolution import Conv, ConvTranspose, DepthwiseConv, SeparableConv
from graphcnn.ops.linear import Linear, Matmul
from graphcnn.ops.merge import (
    Add,
    Average,
    Concat,
    Maximum,
    Multiply,
    Scale,
    Subtract,
)
from graphcnn.ops.normalisation import (
    BatchNorm,
    GroupNorm,
    InstanceNorm,
    L2Norm,
    LayerNorm,
    LocalResponseNorm,
)
from graphcnn.ops.parameter import Parameter
from graphcnn.ops.pooling import (
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    AvgPool,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool,
)
from graphcnn.ops.reduction import (
    Max,
    Mean,
    Sum,
)
from graphcnn.ops.regularisation import (
    Dropout,
    DropPath,
    SpatialDropout,
)
from graphcnn.ops.shape import (
    ChannelShuffle,
    Crop,
    Flatten,
    Identity,
    Pad,
    Permute,
    PixelShuffle,
    Reshape,
    Slice,
    SpaceToDepth,
    Split,
    Tile,
    Upsample,
)

#: Every op, in the order of the documentation. The JSON Schema, `graphcnn ops`, the pages of
#: the docs and the contract test are derived from this table.
OPS: tuple[type[Op], ...] = (
    Conv,
    DepthwiseConv,
    SeparableConv,
    ConvTranspose,
    Linear,
    Attention,
    Parameter,
    Matmul,
    MaxPool,
    AvgPool,
    GlobalAvgPool,
    GlobalMaxPool,
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    BatchNorm,
    LayerNorm,
    GroupNorm,
    InstanceNorm,
    LocalResponseNorm,
    L2Norm,
    Relu,
    Relu6,
    LeakyRelu,
    Prelu,
    Elu,
    Selu,
    Gelu,
    Silu,
    Mish,
    HardSigmoid,
    HardSwish,
    Sigmoid,
    Tanh,
    Softplus,
    Softmax,
    LogSoftmax,
    Dropout,
    SpatialDropout,
    DropPath,
    Add,
    Subtract,
    Multiply,
    Maximum,
    Average,
    Concat,
    Scale,
    Identity,
    Flatten,
    Reshape,
    Permute,
    Pad,
    Crop,
    Slice,
    Split,
    Tile,
    Upsample,
    ChannelShuffle,
    PixelShuffle,
    SpaceToDepth,
    Mean,
    Sum,
    Max,
)

BY_NAME: dict[str, type[Op]] = {op.name: op for op in OPS}
