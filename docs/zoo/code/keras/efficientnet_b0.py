"""EfficientNet-B0: rethinking model scaling for convolutional neural networks
(Tan and Le, 2019).

https://arxiv.org/abs/1905.11946

Input    image    (N, 224, 224, 3)
Output   logits   (N, 1000)
Size     5,288,548 parameters, 42,016 buffers, 385.8 M MACs a sample

Written by graphcnn 0.1.0 from efficientnet.yaml (efficientnet_b0).
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, initializers, layers, ops

__all__ = ["conv_bn", "efficientnet_b0", "mbconv", "squeeze_excite"]


def conv_bn(
    x: KerasTensor,
    out: int,
    kernel: int = 1,
    stride: int = 1,
    groups: int = 1,
    act: str | None = "silu",
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
            kernel, strides=stride, use_bias=False, name=f"{name}_0"
        )(x)
    x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_1")(x)
    if act is not None:
        x = layers.Activation(act)(x)
    return x


def squeeze_excite(x: KerasTensor, squeeze: int, *, name: str) -> KerasTensor:
    """Scales each channel by a gate that has seen all of them
    (https://arxiv.org/abs/1709.01507).
    """
    y = layers.GlobalAveragePooling2D(keepdims=True)(x)
    y = layers.Conv2D(squeeze, 1, name=f"{name}_fc1")(y)
    y = layers.Activation("silu")(y)
    y = layers.Conv2D(x.shape[-1], 1, name=f"{name}_fc2")(y)
    y = layers.Activation("sigmoid")(y)
    return layers.Multiply()([y, x])


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
    """Expands the channels, filters and gates each by itself,
    and projects them linearly.
    """
    in_channels = x.shape[-1]
    hidden = expand * in_channels
    first = int(expand != 1)
    y = x
    if expand != 1:
        y = conv_bn(y, hidden, name=f"{name}_block_0")
    y = conv_bn(
        y,
        hidden,
        kernel=kernel,
        stride=stride,
        groups=hidden,
        name=f"{name}_block_{first}",
    )
    y = squeeze_excite(y, in_channels // 4, name=f"{name}_block_{first + 1}")
    y = conv_bn(y, out, act=None, name=f"{name}_block_{first + 2}")
    if stride == 1 and in_channels == out:
        y = layers.Dropout(drop, noise_shape=(None, 1, 1, 1))(y)
        y = layers.Add()([y, x])
    return y


def efficientnet_b0(classes: int = 1000) -> keras.Model:
    """EfficientNet-B0 with fresh weights."""
    image = keras.Input((224, 224, 3), name="image")
    x = conv_bn(image, 32, kernel=3, stride=2, name="features_0")  # 112 x 112 x 32
    for k, (expand, kernel, stride, out, total, depth) in enumerate(
        (
            (1, 3, 1, 16, 0, 1),
            (6, 3, 2, 24, 1, 2),
            (6, 5, 2, 40, 3, 2),
            (6, 3, 2, 80, 5, 3),
            (6, 5, 1, 112, 8, 3),
            (6, 5, 2, 192, 11, 4),
            (6, 3, 1, 320, 15, 1),
        )
    ):
        for i in range(depth):
            x = mbconv(
                x,
                expand,
                kernel,
                stride if i == 0 else 1,
                out,
                0.2 * (total + i) / 16,
                name=f"features_{k + 1}_{i}",
            )
    x = conv_bn(x, 1280, name="features_8")  # 7 x 7 x 1280
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    logits = layers.Dense(classes, name="classifier_1")(x)
    model = keras.Model(image, logits, name="efficientnet_b0")
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
            fresh = initializers.RandomUniform(-0.0316, 0.0316)
            layer.kernel.assign(fresh(layer.kernel.shape))
    return model


if __name__ == "__main__":
    efficientnet_b0().summary()
