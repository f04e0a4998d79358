"""MobileNet V1: efficient convolutional neural networks for mobile vision applications
(Howard et al., 2017).

https://arxiv.org/abs/1704.04861

Input    image    (N, 224, 224, 3)
Output   logits   (N, 1000)
Size     4,231,976 parameters, 21,888 buffers, 568.7 M MACs a sample

Written by graphcnn 0.1.0 from mobilenet_v1.yaml (mobilenet_v1).
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, layers

__all__ = ["mobilenet_v1", "separable"]


def separable(x: KerasTensor, out: int, stride: int, *, name: str) -> KerasTensor:
    """Filters each channel by itself, then mixes the channels."""
    x = layers.DepthwiseConv2D(
        3, strides=stride, padding="same", use_bias=False, name=f"{name}_depthwise_conv"
    )(x)
    x = layers.BatchNormalization(name=f"{name}_bn1")(x)
    x = layers.ReLU(max_value=6)(x)
    x = layers.Conv2D(out, 1, use_bias=False, name=f"{name}_conv1")(x)
    x = layers.BatchNormalization(name=f"{name}_bn2")(x)
    return layers.ReLU(max_value=6)(x)


def mobilenet_v1(classes: int = 1000) -> keras.Model:
    """MobileNet V1 with fresh weights."""
    image = keras.Input((224, 224, 3), name="image")
    x = layers.Conv2D(32, 3, 2, padding="same", use_bias=False, name="conv1")(image)
    x = layers.BatchNormalization(name="bn1")(x)
    x = layers.ReLU(max_value=6)(x)
    for out, stride, first, depth in (
        (64, 1, 0, 1),
        (128, 2, 1, 1),
        (128, 1, 2, 1),
        (256, 2, 3, 1),
        (256, 1, 4, 1),
        (512, 2, 5, 1),
        (512, 1, 6, 5),
        (1024, 2, 11, 1),
        (1024, 1, 12, 1),
    ):
        for i in range(depth):
            x = separable(x, out, stride, name=f"features_{first + i}")
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)  # 1 x 1 x 1024
    x = layers.Dropout(0.001)(x)
    x = layers.Conv2D(classes, 1, name="classifier")(x)  # 1 x 1 x classes
    logits = layers.Flatten()(x)
    return keras.Model(image, logits, name="mobilenet_v1")


if __name__ == "__main__":
    mobilenet_v1().summary()
