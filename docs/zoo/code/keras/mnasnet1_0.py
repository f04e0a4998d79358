"""MnasNet 1.0: platform-aware neural architecture search for mobile (Tan et al., 2018).

https://arxiv.org/abs/1807.11626

Input    image    (N, 224, 224, 3)
Output   logits   (N, 1000)
Size     4,383,312 parameters, 37,920 buffers, 314.4 M MACs a sample

Written by graphcnn 0.1.0 from mnasnet.yaml (mnasnet1_0).
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, initializers, layers, ops

__all__ = ["mbconv", "mnasnet1_0"]


def batch_norm(x: KerasTensor, name: str) -> KerasTensor:
    return layers.BatchNormalization(momentum=0.9997, epsilon=1e-5, name=name)(x)


def mbconv(
    x: KerasTensor, expand: int, kernel: int, stride: int, out: int, *, name: str
) -> KerasTensor:
    """Expands the channels, filters each by itself, and projects them linearly."""
    y = layers.Conv2D(expand * x.shape[-1], 1, use_bias=False, name=f"{name}_layers_0")(
        x
    )
    y = batch_norm(y, f"{name}_layers_1")
    y = layers.ReLU()(y)
    y = layers.ZeroPadding2D(kernel // 2)(y)
    y = layers.DepthwiseConv2D(
        kernel, strides=stride, use_bias=False, name=f"{name}_layers_3"
    )(y)
    y = batch_norm(y, f"{name}_layers_4")
    y = layers.ReLU()(y)
    y = layers.Conv2D(out, 1, use_bias=False, name=f"{name}_layers_6")(y)
    y = batch_norm(y, f"{name}_layers_7")
    if stride == 1 and x.shape[-1] == out:
        y = layers.Add()([y, x])
    return y


def mnasnet1_0(classes: int = 1000) -> keras.Model:
    """MnasNet 1.0 with fresh weights."""
    image = keras.Input((224, 224, 3), name="image")
    x = layers.ZeroPadding2D(1)(image)
    x = layers.Conv2D(32, 3, 2, use_bias=False, name="layers_0")(x)  # 112 x 112 x 32
    x = batch_norm(x, "layers_1")
    x = layers.ReLU()(x)
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="layers_3")(x)
    x = batch_norm(x, "layers_4")
    x = layers.ReLU()(x)
    x = layers.Conv2D(16, 1, use_bias=False, name="layers_6")(x)  # 112 x 112 x 16
    x = batch_norm(x, "layers_7")
    for expand, kernel, stride, out, first, depth in (
        (3, 3, 2, 24, 8, 3),
        (3, 5, 2, 40, 9, 3),
        (6, 5, 2, 80, 10, 3),
        (6, 3, 1, 96, 11, 2),
        (6, 5, 2, 192, 12, 4),
        (6, 3, 1, 320, 13, 1),
    ):
        for i in range(depth):
            x = mbconv(
                x,
                expand,
                kernel,
                stride if i == 0 else 1,
                out,
                name=f"layers_{first}_{i}",
            )
    x = layers.Conv2D(1280, 1, use_bias=False, name="layers_14")(x)  # 7 x 7 x 1280
    x = batch_norm(x, "layers_15")
    x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    logits = layers.Dense(classes, name="classifier_1")(x)
    model = keras.Model(image, logits, name="mnasnet1_0")
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D):
            fresh = initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal")
            layer.kernel.assign(fresh(layer.kernel.shape))
        elif isinstance(layer, layers.DepthwiseConv2D):
            fresh = initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal")
            *size, channels, times = layer.kernel.shape
            kernel = fresh((*size, 1, channels * times))
            layer.kernel.assign(ops.reshape(kernel, layer.kernel.shape))
        elif isinstance(layer, layers.Dense):
            fresh = initializers.VarianceScaling(1.0, "fan_out", "uniform")
            layer.kernel.assign(fresh(layer.kernel.shape))
    return model


if __name__ == "__main__":
    mnasnet1_0().summary()
