"""MobileNet V2: inverted residuals and linear bottlenecks (Sandler et al., 2018).

https://arxiv.org/abs/1801.04381

Input    image    (N, 224, 224, 3)
Output   logits   (N, 1000)
Size     3,504,872 parameters, 34,112 buffers, 300.8 M MACs a sample

Written by graphcnn 0.1.0 from mobilenet_v2.yaml (mobilenet_v2).
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, initializers, layers, ops

__all__ = ["conv_bn", "inverted_residual", "mobilenet_v2"]


def batch_norm(x: KerasTensor, name: str) -> KerasTensor:
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)(x)


def conv_bn(
    x: KerasTensor,
    out: int,
    kernel: int = 1,
    stride: int = 1,
    groups: int = 1,
    *,
    name: str,
) -> KerasTensor:
    """Convolution, batch norm, activation."""
    in_channels = x.shape[-1]
    if kernel > 1:
        x = layers.ZeroPadding2D(kernel // 2)(x)
    if groups < in_channels:
        x = layers.Conv2D(
            out, kernel, stride, groups=groups, use_bias=False, name=f"{name}_0"
        )(x)
    else:
        x = layers.DepthwiseConv2D(
            kernel,
            strides=stride,
            depth_multiplier=out // in_channels,
            use_bias=False,
            name=f"{name}_0",
        )(x)
    x = batch_norm(x, f"{name}_1")
    return layers.ReLU(max_value=6)(x)


def inverted_residual(
    x: KerasTensor, out: int, stride: int, expand: int, *, name: str
) -> KerasTensor:
    """Expands the channels, filters each by itself, and projects them linearly."""
    hidden = expand * x.shape[-1]
    first = int(expand != 1)
    y = x
    if expand != 1:
        y = conv_bn(y, hidden, name=f"{name}_conv_0")
    y = conv_bn(
        y, hidden, kernel=3, stride=stride, groups=hidden, name=f"{name}_conv_{first}"
    )
    y = layers.Conv2D(out, 1, use_bias=False, name=f"{name}_conv_{first + 1}")(y)
    y = batch_norm(y, f"{name}_conv_{first + 2}")
    if stride == 1 and x.shape[-1] == out:
        y = layers.Add()([y, x])
    return y


def mobilenet_v2(classes: int = 1000) -> keras.Model:
    """MobileNet V2 with fresh weights."""
    image = keras.Input((224, 224, 3), name="image")
    x = conv_bn(image, 32, kernel=3, stride=2, name="features_0")  # 112 x 112 x 32
    for expand, out, stride, first, depth in (
        (1, 16, 1, 1, 1),
        (6, 24, 2, 2, 2),
        (6, 32, 2, 4, 3),
        (6, 64, 2, 7, 4),
        (6, 96, 1, 11, 3),
        (6, 160, 2, 14, 3),
        (6, 320, 1, 17, 1),
    ):
        for i in range(depth):
            x = inverted_residual(
                x, out, stride if i == 0 else 1, expand, name=f"features_{first + i}"
            )
    x = conv_bn(x, 1280, name="features_18")  # 7 x 7 x 1280
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    logits = layers.Dense(classes, name="classifier_1")(x)
    model = keras.Model(image, logits, name="mobilenet_v2")
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
            fresh = initializers.RandomNormal(stddev=0.01)
            layer.kernel.assign(fresh(layer.kernel.shape))
    return model


if __name__ == "__main__":
    mobilenet_v2().summary()
