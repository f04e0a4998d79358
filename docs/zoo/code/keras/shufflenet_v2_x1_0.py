"""shufflenet_v2_x1_0: practical guidelines for efficient CNN architecture design
(Ma et al., 2018).

https://arxiv.org/abs/1807.11164

Input    image    (N, 224, 224, 3)
Output   logits   (N, 1000)
Size     2,278,604 parameters, 16,180 buffers, 144.9 M MACs a sample

Written by graphcnn 0.1.0 from shufflenet_v2.yaml (shufflenet_v2_x1_0).
It needs Keras 3 and nothing else.
"""

from typing import Any

import keras
from keras import KerasTensor, layers, ops

__all__ = ["conv_bn", "down_unit", "shufflenet_v2_x1_0", "unit"]


@keras.saving.register_keras_serializable()
class ChannelShuffle(layers.Layer):
    """Mixes the channels of groups: the first of each, then the second of each, and so on."""

    def __init__(self, groups: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.groups = groups

    def call(self, x: KerasTensor) -> KerasTensor:
        shape = ops.shape(x)
        x = ops.reshape(x, (*shape[:-1], self.groups, shape[-1] // self.groups))
        return ops.reshape(ops.swapaxes(x, -1, -2), shape)

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "groups": self.groups}


def batch_norm(x: KerasTensor, name: str) -> KerasTensor:
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)(x)


def conv_bn(
    x: KerasTensor, out: int, kernel: int = 1, stride: int = 1, *, name: str
) -> KerasTensor:
    """Convolution, batch norm, activation."""
    if kernel > 1:
        x = layers.ZeroPadding2D(kernel // 2)(x)
    x = layers.Conv2D(out, kernel, stride, use_bias=False, name=f"{name}_0")(x)
    x = batch_norm(x, f"{name}_1")
    return layers.ReLU()(x)


def down_unit(x: KerasTensor, out: int, *, name: str) -> KerasTensor:
    """All channels go both ways, so that they double where the resolution halves."""
    y = layers.ZeroPadding2D(1)(x)
    y = layers.DepthwiseConv2D(3, strides=2, use_bias=False, name=f"{name}_branch1_0")(
        y
    )
    y = batch_norm(y, f"{name}_branch1_1")
    y = layers.Conv2D(out // 2, 1, use_bias=False, name=f"{name}_branch1_2")(y)
    y = batch_norm(y, f"{name}_branch1_3")
    branch1 = layers.ReLU()(y)
    x = layers.Conv2D(out // 2, 1, use_bias=False, name=f"{name}_branch2_0")(x)
    x = batch_norm(x, f"{name}_branch2_1")
    x = layers.ReLU()(x)
    x = layers.ZeroPadding2D(1)(x)
    x = layers.DepthwiseConv2D(3, strides=2, use_bias=False, name=f"{name}_branch2_3")(
        x
    )
    x = batch_norm(x, f"{name}_branch2_4")
    x = layers.Conv2D(out // 2, 1, use_bias=False, name=f"{name}_branch2_5")(x)
    x = batch_norm(x, f"{name}_branch2_6")
    x = layers.ReLU()(x)
    x = layers.Concatenate()([branch1, x])
    return ChannelShuffle(2)(x)


def unit(x: KerasTensor, out: int, *, name: str) -> KerasTensor:
    """Half of the channels pass by untouched; the shuffle lets the halves meet."""
    half0, x = ops.split(x, 2, axis=-1)
    x = layers.Conv2D(out // 2, 1, use_bias=False, name=f"{name}_branch2_0")(x)
    x = batch_norm(x, f"{name}_branch2_1")
    x = layers.ReLU()(x)
    x = layers.DepthwiseConv2D(
        3, padding="same", use_bias=False, name=f"{name}_branch2_3"
    )(x)
    x = batch_norm(x, f"{name}_branch2_4")
    x = layers.Conv2D(out // 2, 1, use_bias=False, name=f"{name}_branch2_5")(x)
    x = batch_norm(x, f"{name}_branch2_6")
    x = layers.ReLU()(x)
    x = layers.Concatenate()([half0, x])
    return ChannelShuffle(2)(x)


def shufflenet_v2_x1_0(classes: int = 1000) -> keras.Model:
    """shufflenet_v2_x1_0 with fresh weights."""
    image = keras.Input((224, 224, 3), name="image")
    x = conv_bn(image, 24, kernel=3, stride=2, name="conv1")  # 112 x 112 x 24
    x = layers.ZeroPadding2D(1)(x)
    x = layers.MaxPooling2D(3, 2)(x)  # 56 x 56 x 24
    for k, (out, depth) in enumerate(((116, 4), (232, 8), (464, 4))):
        x = down_unit(x, out, name=f"stage{k + 2}_0")
        for i in range(1, depth):
            x = unit(x, out, name=f"stage{k + 2}_{i}")
    x = conv_bn(x, 1024, name="conv5")  # 7 x 7 x 1024
    x = layers.GlobalAveragePooling2D()(x)
    logits = layers.Dense(classes, name="fc")(x)
    return keras.Model(image, logits, name="shufflenet_v2_x1_0")


if __name__ == "__main__":
    shufflenet_v2_x1_0().summary()
