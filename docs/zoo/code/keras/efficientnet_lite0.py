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

__all__ = [
    "depthwise",
    "depthwise_half",
    "efficientnet_lite0",
    "mbconv",
    "mbconv_half",
    "pointwise",
]


def batch_norm(x: KerasTensor, name: str) -> KerasTensor:
    return layers.BatchNormalization(name=name)(x)


def pointwise(
    x: KerasTensor, out: int, act: str | None = "relu6", *, name: str
) -> KerasTensor:
    """Convolution of 1x1, batch norm and, but for a projection, ReLU6."""
    x = layers.Conv2D(out, 1, use_bias=False, name=f"{name}_conv")(x)
    x = batch_norm(x, f"{name}_bn")
    if act is not None:
        x = layers.Activation(act)(x)
    return x


def depthwise_half(x: KerasTensor, kernel: int, *, name: str) -> KerasTensor:
    """Depthwise convolution of stride 2, padded as TensorFlow does,
    batch norm, ReLU6.
    """
    x = layers.DepthwiseConv2D(
        kernel, strides=2, padding="same", use_bias=False, name=f"{name}_conv"
    )(x)
    x = batch_norm(x, f"{name}_bn")
    return layers.ReLU(max_value=6)(x)


def mbconv_half(x: KerasTensor, kernel: int, out: int, *, name: str) -> KerasTensor:
    """Expands, filters at half the size, and projects;
    there is nothing to add the result to.
    """
    x = pointwise(x, 6 * x.shape[-1], name=f"{name}_expand")
    x = depthwise_half(x, kernel, name=f"{name}_depthwise")
    return pointwise(x, out, act=None, name=f"{name}_project")


def depthwise(x: KerasTensor, kernel: int, *, name: str) -> KerasTensor:
    """Convolution of each channel by itself, batch norm, ReLU6."""
    x = layers.DepthwiseConv2D(
        kernel, padding="same", use_bias=False, name=f"{name}_conv"
    )(x)
    x = batch_norm(x, f"{name}_bn")
    return layers.ReLU(max_value=6)(x)


def mbconv(
    x: KerasTensor, expand: int, kernel: int, out: int, drop: float, *, name: str
) -> KerasTensor:
    """Expands the channels, filters each by itself, and projects them linearly."""
    y = x
    if expand != 1:
        y = pointwise(y, expand * x.shape[-1], name=f"{name}_expand")
    y = depthwise(y, kernel, name=f"{name}_depthwise")
    y = pointwise(y, out, act=None, name=f"{name}_project")
    if x.shape[-1] == out:
        y = layers.Dropout(drop, noise_shape=(None, 1, 1, 1))(y)
        y = layers.Add()([y, x])
    return y


def efficientnet_lite0(classes: int = 1000) -> keras.Model:
    """efficientnet_lite0 with fresh weights."""
    image = keras.Input((224, 224, 3), name="image")
    x = layers.Conv2D(32, 3, 2, padding="same", use_bias=False, name="stem_conv")(image)
    x = batch_norm(x, "stem_bn")
    x = layers.ReLU(max_value=6)(x)
    for with_mbconv_half, kernel, out, first, expand, total, rest in (
        (False, 3, 16, -1, 1, 1, 1),
        (True, 3, 24, 1, 6, 3, 1),
        (True, 5, 40, 3, 6, 5, 1),
        (True, 3, 80, 5, 6, 8, 2),
        (False, 5, 112, 7, 6, 11, 3),
        (True, 5, 192, 11, 6, 15, 3),
        (False, 3, 320, 14, 6, 16, 1),
    ):
        if with_mbconv_half:
            x = mbconv_half(x, kernel, out, name=f"blocks_{first}")
        for i in range(rest):
            x = mbconv(
                x,
                expand,
                kernel,
                out,
                0.2 * (total - rest + i) / 16,
                name=f"blocks_{first + i + 1}",
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
        elif isinstance(layer, layers.Dense):
            fresh = initializers.RandomUniform(-0.01, 0.01)
            layer.kernel.assign(fresh(layer.kernel.shape))
        elif isinstance(layer, layers.DepthwiseConv2D):
            fresh = initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal")
            *size, channels, times = layer.kernel.shape
            kernel = fresh((*size, 1, channels * times))
            layer.kernel.assign(ops.reshape(kernel, layer.kernel.shape))
    return model


if __name__ == "__main__":
    efficientnet_lite0().summary()
