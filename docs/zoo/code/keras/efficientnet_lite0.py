"""efficientnet_lite0: EfficientNet for small devices,
with ReLU6 and without squeeze-and-excitation (Liu, 2020).

https://blog.tensorflow.org/2020/03/higher-accuracy-on-vision-models-with-efficientnet-lite.html

Input    image    (N, 224, 224, 3)
Output   logits   (N, 1000)
Size     4,652,008 parameters, 42,016 buffers, 385.2 M MACs a sample

Written by graphcnn 0.1.0 from efficientnet_lite.yaml (efficientnet_lite0).
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, initializers, layers, ops

__all__ = ["depthwise", "efficientnet_lite0", "mbconv", "pointwise"]


def pointwise(
    x: KerasTensor, out: int, act: str | None = "relu6", *, name: str
) -> KerasTensor:
    """Convolution of 1x1, batch norm and, but for a projection, ReLU6."""
    x = layers.Conv2D(out, 1, use_bias=False, name=f"{name}_conv")(x)
    x = layers.BatchNormalization(name=f"{name}_bn")(x)
    if act is not None:
        x = layers.Activation(act)(x)
    return x


def depthwise(x: KerasTensor, kernel: int, stride: int, *, name: str) -> KerasTensor:
    """Convolution of each channel by itself, batch norm, ReLU6."""
    x = layers.DepthwiseConv2D(
        kernel, strides=stride, padding="same", use_bias=False, name=f"{name}_conv"
    )(x)
    x = layers.BatchNormalization(name=f"{name}_bn")(x)
    return layers.ReLU(max_value=6)(x)


def mbconv(
    x: KerasTensor,
    expand: int,
    kernel: int,
    stride: int,
    out: int,
    drop: float,
    *,
    name: str,
) -> KerasTensor:
    """Expands the channels, filters each by itself, and projects them linearly."""
    y = x
    if expand != 1:
        y = pointwise(y, expand * x.shape[-1], name=f"{name}_expand")
    y = depthwise(y, kernel, stride, name=f"{name}_depthwise")
    y = pointwise(y, out, act=None, name=f"{name}_project")
    if stride == 1 and x.shape[-1] == out:
        y = layers.Dropout(drop, noise_shape=(None, 1, 1, 1))(y)
        y = layers.Add()([y, x])
    return y


def efficientnet_lite0(classes: int = 1000) -> keras.Model:
    """efficientnet_lite0 with fresh weights."""
    image = keras.Input((224, 224, 3), name="image")
    x = layers.Conv2D(32, 3, 2, padding="same", use_bias=False, name="stem_conv")(image)
    x = layers.BatchNormalization(name="stem_bn")(x)
    x = layers.ReLU(max_value=6)(x)
    for expand, kernel, stride, out, total, depth in (
        (1, 3, 1, 16, 0, 1),
        (6, 3, 2, 24, 1, 2),
        (6, 5, 2, 40, 3, 2),
        (6, 3, 2, 80, 5, 3),
        (6, 5, 1, 112, 8, 3),
        (6, 5, 2, 192, 11, 4),
        (6, 3, 1, 320, 15, 1),
    ):
        for i in range(depth):
            x = mbconv(
                x,
                expand,
                kernel,
                stride if i == 0 else 1,
                out,
                0.2 * (total + i) / 16,
                name=f"blocks_{total + i}",
            )
    x = pointwise(x, 1280, name="head")  # 7 x 7 x 1280
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    logits = layers.Dense(classes, name="fc")(x)
    model = keras.Model(image, logits, name="efficientnet_lite0")
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
            fresh = initializers.RandomUniform(-0.01, 0.01)
            layer.kernel.assign(fresh(layer.kernel.shape))
    return model


if __name__ == "__main__":
    efficientnet_lite0().summary()
