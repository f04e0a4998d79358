"""How each op is written in ONNX: ``LOWER`` is the table; each family has a module beside it.

A lowering is called with the op and its use, and returns a tensor, or one for each output. An op
that is missing here is one that this backend does not support.
"""

from __future__ import annotations

from collections.abc import Callable

from graphcnn.backends.onnx.lower import (
    activation,
    attention,
    convolution,
    linear,
    merge,
    normalisation,
    parameter,
    pooling,
    reduction,
    regularisation,
    shape,
)
from graphcnn.backends.onnx.tensor import Tensor
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

#: In the order of ``graphcnn.ops.OPS``.
LOWER: dict[type[Op], Callable[..., Tensor | tuple[Tensor, ...]]] = {
    Conv: convolution.conv,
    DepthwiseConv: convolution.depthwise_conv,
    SeparableConv: convolution.separable_conv,
    ConvTranspose: convolution.conv_transpose,
    Linear: linear.linear,
    Attention: attention.attention,
    Parameter: parameter.parameter,
    Matmul: linear.matmul,
    MaxPool: pooling.max_pool,
    AvgPool: pooling.avg_pool,
    GlobalAvgPool: pooling.global_avg_pool,
    GlobalMaxPool: pooling.global_max_pool,
    AdaptiveAvgPool: pooling.adaptive_avg_pool,
    AdaptiveMaxPool: pooling.adaptive_max_pool,
    BatchNorm: normalisation.batch_norm,
    LayerNorm: normalisation.layer_norm,
    GroupNorm: normalisation.group_norm,
    InstanceNorm: normalisation.instance_norm,
    LocalResponseNorm: normalisation.local_response_norm,
    L2Norm: normalisation.l2_norm,
    Relu: activation.relu,
    Relu6: activation.relu6,
    LeakyRelu: activation.leaky_relu,
    Prelu: activation.prelu,
    Elu: activation.elu,
    Selu: activation.selu,
    Gelu: activation.gelu,
    Silu: activation.silu,
    Mish: activation.mish,
    HardSigmoid: activation.hard_sigmoid,
    HardSwish: activation.hard_swish,
    Sigmoid: activation.sigmoid,
    Tanh: activation.tanh,
    Softplus: activation.softplus,
    Softmax: activation.softmax,
    LogSoftmax: activation.log_softmax,
    Dropout: regularisation.dropout,
    SpatialDropout: regularisation.dropout,
    DropPath: regularisation.dropout,
    Add: merge.add,
    Subtract: merge.subtract,
    Multiply: merge.multiply,
    Maximum: merge.maximum,
    Average: merge.average,
    Concat: merge.concat,
    Scale: merge.scale,
    Identity: shape.identity,
    Flatten: shape.flatten,
    Reshape: shape.reshape_,
    Permute: shape.permute,
    Pad: shape.pad_,
    Crop: shape.crop,
    Slice: shape.slice_,
    Split: shape.split,
    Tile: shape.tile,
    Upsample: shape.upsample,
    ChannelShuffle: shape.channel_shuffle,
    PixelShuffle: shape.pixel_shuffle,
    SpaceToDepth: shape.space_to_depth,
    Mean: reduction.mean,
    Sum: reduction.sum_,
    Max: reduction.max_,
}

#: The ops that no one operator computes, and how they are made: `lowered`, not `native`.
COMPOSED: dict[type[Op], str] = {
    SeparableConv: "two `Conv`",
    Attention: "matrix products and `Softmax`",
    AdaptiveAvgPool: "`AveragePool` where all windows are alike, else `Gather` and `ReduceSum`",
    AdaptiveMaxPool: "`MaxPool` where all windows are alike, else `Gather` and `ReduceMax`",
    GroupNorm: "`InstanceNormalization`, exacter in runtimes than `GroupNormalization`",
    L2Norm: "`ReduceL2`, `Clip` and `Div`",
    Silu: "`Sigmoid` and `Mul`, since runtimes do not have `Swish`",
    Dropout: "nothing is left of it in inference",
    SpatialDropout: "nothing is left of it in inference",
    DropPath: "nothing is left of it in inference",
    SpaceToDepth: "`SpaceToDepth`, then `Gather` for the order of the channels",
}
