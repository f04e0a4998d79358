"""Xception: deep learning with depthwise separable convolutions (Chollet, 2016).

https://arxiv.org/abs/1610.02357

Input    image    (N, 299, 299, 3)
Output   logits   (N, 1000)
Size     22,855,952 parameters, 54,528 buffers, 8.357 G MACs a sample

Written by graphcnn 0.1.0 from xception.yaml (xception).
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, layers

__all__ = ["conv_bn", "down_module", "middle_module", "separable_bn", "xception"]


def conv_bn(x: KerasTensor, out: int, stride: int = 1, *, name: str) -> KerasTensor:
    """Convolution, batch norm, ReLU."""
    x = layers.Conv2D(out, 3, stride, use_bias=False, name=f"{name}_conv")(x)
    x = layers.BatchNormalization(name=f"{name}_bn")(x)
    return layers.ReLU()(x)


def separable_bn(x: KerasTensor, out: int, *, name: str) -> KerasTensor:
    """Separable convolution and batch norm."""
    x = layers.DepthwiseConv2D(
        3, padding="same", use_bias=False, name=f"{name}_conv_depthwise"
    )(x)
    x = layers.Conv2D(out, 1, use_bias=False, name=f"{name}_conv_pointwise")(x)
    return layers.BatchNormalization(name=f"{name}_bn")(x)


def down_module(
    x: KerasTensor, middle: int, out: int, relu_first: bool = True, *, name: str
) -> KerasTensor:
    """Two separable convolutions and a pool, added to the input's projection."""
    y = x
    if relu_first:
        y = layers.ReLU()(y)
    y = separable_bn(y, middle, name=f"{name}_separable1")
    y = layers.ReLU()(y)
    y = separable_bn(y, out, name=f"{name}_separable2")
    y = layers.MaxPooling2D(3, 2, padding="same")(y)
    x = layers.Conv2D(out, 1, 2, use_bias=False, name=f"{name}_projection_0")(x)
    x = layers.BatchNormalization(name=f"{name}_projection_1")(x)
    return layers.Add()([y, x])


def middle_module(x: KerasTensor, *, name: str) -> KerasTensor:
    """Three separable convolutions, added to the input."""
    y = x
    for i in range(3):
        y = layers.ReLU()(y)
        y = separable_bn(y, 728, name=f"{name}_layers_{i}_1")
    return layers.Add()([y, x])


def xception(classes: int = 1000) -> keras.Model:
    """Xception with fresh weights."""
    image = keras.Input((299, 299, 3), name="image")
    x = conv_bn(image, 32, stride=2, name="conv1")  # 149 x 149 x 32
    x = conv_bn(x, 64, name="conv2")  # 147 x 147 x 64
    x = down_module(x, 128, 128, relu_first=False, name="entry1")  # 74 x 74 x 128
    x = down_module(x, 256, 256, name="entry2")  # 37 x 37 x 256
    x = down_module(x, 728, 728, name="entry3")  # 19 x 19 x 728
    for i in range(8):
        x = middle_module(x, name=f"middle_{i}")
    x = down_module(x, 728, 1024, name="exit1")  # 10 x 10 x 1024
    x = separable_bn(x, 1536, name="exit2")  # 10 x 10 x 1536
    x = layers.ReLU()(x)
    x = separable_bn(x, 2048, name="exit3")  # 10 x 10 x 2048
    x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)
    logits = layers.Dense(classes, name="fc")(x)
    return keras.Model(image, logits, name="xception")


if __name__ == "__main__":
    xception().summary()
