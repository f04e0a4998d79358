"""Inception V3: rethinking the Inception architecture for computer vision
(Szegedy et al., 2015).

https://arxiv.org/abs/1512.00567

Input    image    (N, 299, 299, 3)
Output   logits   (N, 1000)
Output   aux      (N, 1000)   with `training_outputs`
Size     27,161,264 parameters, 36,224 buffers, 5.713 G MACs a sample

Written by graphcnn 0.1.0 from inception_v3.yaml (inception_v3).
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, initializers, layers

__all__ = [
    "aux_head",
    "conv_bn",
    "inception_a",
    "inception_b",
    "inception_c",
    "inception_v3",
    "reduction_a",
    "reduction_b",
]


def conv_bn(
    x: KerasTensor,
    out: int,
    kernel: int | tuple[int, int] = 1,
    stride: int = 1,
    padding: int | tuple[int, int] = 0,
    *,
    name: str,
) -> KerasTensor:
    """Convolution, batch norm, ReLU."""
    if padding != 0:
        x = layers.ZeroPadding2D(padding)(x)
    x = layers.Conv2D(out, kernel, stride, use_bias=False, name=f"{name}_conv")(x)
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_bn")(x)
    return layers.ReLU()(x)


def inception_a(x: KerasTensor, pool: int, *, name: str) -> KerasTensor:
    """Figure 5, a 5x5 convolution as two of 3x3; one of 5x5 is left."""
    branch1x1 = conv_bn(x, 64, name=f"{name}_branch1x1")
    y = conv_bn(x, 48, name=f"{name}_branch5x5_1")
    branch5x5_2 = conv_bn(y, 64, kernel=5, padding=2, name=f"{name}_branch5x5_2")
    y = conv_bn(x, 64, name=f"{name}_branch3x3dbl_1")
    y = conv_bn(y, 96, kernel=3, padding=1, name=f"{name}_branch3x3dbl_2")
    branch3x3dbl_3 = conv_bn(y, 96, kernel=3, padding=1, name=f"{name}_branch3x3dbl_3")
    x = layers.ZeroPadding2D(1)(x)
    x = layers.AveragePooling2D(3, strides=1)(x)
    x = conv_bn(x, pool, name=f"{name}_branch_pool")
    return layers.Concatenate()([branch1x1, branch5x5_2, branch3x3dbl_3, x])


def reduction_a(x: KerasTensor, *, name: str) -> KerasTensor:
    """Figure 10, half of the resolution without a bottleneck."""
    branch3x3 = conv_bn(x, 384, kernel=3, stride=2, name=f"{name}_branch3x3")
    y = conv_bn(x, 64, name=f"{name}_branch3x3dbl_1")
    y = conv_bn(y, 96, kernel=3, padding=1, name=f"{name}_branch3x3dbl_2")
    branch3x3dbl_3 = conv_bn(y, 96, kernel=3, stride=2, name=f"{name}_branch3x3dbl_3")
    x = layers.MaxPooling2D(3, 2)(x)
    return layers.Concatenate()([branch3x3, branch3x3dbl_3, x])


def inception_b(x: KerasTensor, width: int, *, name: str) -> KerasTensor:
    """Figure 6, a 7x7 convolution as one of 1x7 and one of 7x1."""
    branch1x1 = conv_bn(x, 192, name=f"{name}_branch1x1")
    y = conv_bn(x, width, name=f"{name}_branch7x7_1")
    y = conv_bn(y, width, kernel=(1, 7), padding=(0, 3), name=f"{name}_branch7x7_2")
    branch7x7_3 = conv_bn(
        y, 192, kernel=(7, 1), padding=(3, 0), name=f"{name}_branch7x7_3"
    )
    y = conv_bn(x, width, name=f"{name}_branch7x7dbl_1")
    y = conv_bn(y, width, kernel=(7, 1), padding=(3, 0), name=f"{name}_branch7x7dbl_2")
    y = conv_bn(y, width, kernel=(1, 7), padding=(0, 3), name=f"{name}_branch7x7dbl_3")
    y = conv_bn(y, width, kernel=(7, 1), padding=(3, 0), name=f"{name}_branch7x7dbl_4")
    branch7x7dbl_5 = conv_bn(
        y, 192, kernel=(1, 7), padding=(0, 3), name=f"{name}_branch7x7dbl_5"
    )
    x = layers.ZeroPadding2D(1)(x)
    x = layers.AveragePooling2D(3, strides=1)(x)
    x = conv_bn(x, 192, name=f"{name}_branch_pool")
    return layers.Concatenate()([branch1x1, branch7x7_3, branch7x7dbl_5, x])


def reduction_b(x: KerasTensor, *, name: str) -> KerasTensor:
    """The same for what 7x7 convolutions have seen."""
    y = conv_bn(x, 192, name=f"{name}_branch3x3_1")
    branch3x3_2 = conv_bn(y, 320, kernel=3, stride=2, name=f"{name}_branch3x3_2")
    y = conv_bn(x, 192, name=f"{name}_branch7x7x3_1")
    y = conv_bn(y, 192, kernel=(1, 7), padding=(0, 3), name=f"{name}_branch7x7x3_2")
    y = conv_bn(y, 192, kernel=(7, 1), padding=(3, 0), name=f"{name}_branch7x7x3_3")
    branch7x7x3_4 = conv_bn(y, 192, kernel=3, stride=2, name=f"{name}_branch7x7x3_4")
    x = layers.MaxPooling2D(3, 2)(x)
    return layers.Concatenate()([branch3x3_2, branch7x7x3_4, x])


def inception_c(x: KerasTensor, *, name: str) -> KerasTensor:
    """Figure 7, many channels on the coarsest grid; 1x3 and 3x1 stand side by side."""
    branch1x1 = conv_bn(x, 320, name=f"{name}_branch1x1")
    branch3x3_1 = conv_bn(x, 384, name=f"{name}_branch3x3_1")
    branch3x3_2a = conv_bn(
        branch3x3_1, 384, kernel=(1, 3), padding=(0, 1), name=f"{name}_branch3x3_2a"
    )
    y = conv_bn(
        branch3x3_1, 384, kernel=(3, 1), padding=(1, 0), name=f"{name}_branch3x3_2b"
    )
    y = layers.Concatenate()([branch3x3_2a, y])
    z = conv_bn(x, 448, name=f"{name}_branch3x3dbl_1")
    branch3x3dbl_2 = conv_bn(z, 384, kernel=3, padding=1, name=f"{name}_branch3x3dbl_2")
    branch3x3dbl_3a = conv_bn(
        branch3x3dbl_2,
        384,
        kernel=(1, 3),
        padding=(0, 1),
        name=f"{name}_branch3x3dbl_3a",
    )
    z = conv_bn(
        branch3x3dbl_2,
        384,
        kernel=(3, 1),
        padding=(1, 0),
        name=f"{name}_branch3x3dbl_3b",
    )
    z = layers.Concatenate()([branch3x3dbl_3a, z])
    x = layers.ZeroPadding2D(1)(x)
    x = layers.AveragePooling2D(3, strides=1)(x)
    x = conv_bn(x, 192, name=f"{name}_branch_pool")
    return layers.Concatenate()([branch1x1, y, z, x])


def aux_head(x: KerasTensor, classes: int, *, name: str) -> KerasTensor:
    """A classifier on the 17 x 17 grid, which serves as a regulariser."""
    x = layers.AveragePooling2D(5, strides=3)(x)
    x = conv_bn(x, 128, name=f"{name}_conv0")
    x = conv_bn(x, 768, kernel=5, name=f"{name}_conv1")
    x = layers.GlobalAveragePooling2D()(x)
    return layers.Dense(classes, name=f"{name}_fc")(x)


def inception_v3(classes: int = 1000, *, training_outputs: bool = False) -> keras.Model:
    """Inception V3 with fresh weights; `training_outputs` adds aux."""
    image = keras.Input((299, 299, 3), name="image")
    x = conv_bn(image, 32, kernel=3, stride=2, name="Conv2d_1a_3x3")  # 149 x 149 x 32
    x = conv_bn(x, 32, kernel=3, name="Conv2d_2a_3x3")  # 147 x 147 x 32
    x = conv_bn(x, 64, kernel=3, padding=1, name="Conv2d_2b_3x3")  # 147 x 147 x 64
    x = layers.MaxPooling2D(3, 2)(x)  # 73 x 73 x 64
    x = conv_bn(x, 80, name="Conv2d_3b_1x1")  # 73 x 73 x 80
    x = conv_bn(x, 192, kernel=3, name="Conv2d_4a_3x3")  # 71 x 71 x 192
    x = layers.MaxPooling2D(3, 2)(x)  # 35 x 35 x 192
    x = inception_a(x, 32, name="Mixed_5b")  # 35 x 35 x 256
    x = inception_a(x, 64, name="Mixed_5c")  # 35 x 35 x 288
    x = inception_a(x, 64, name="Mixed_5d")
    x = reduction_a(x, name="Mixed_6a")  # 17 x 17 x 768
    x = inception_b(x, 128, name="Mixed_6b")
    x = inception_b(x, 160, name="Mixed_6c")
    x = inception_b(x, 160, name="Mixed_6d")
    mixed_6e = inception_b(x, 192, name="Mixed_6e")
    x = reduction_b(mixed_6e, name="Mixed_7a")  # 8 x 8 x 1280
    x = inception_c(x, name="Mixed_7b")  # 8 x 8 x 2048
    x = inception_c(x, name="Mixed_7c")
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.5)(x)
    logits = layers.Dense(classes, name="fc")(x)
    outputs = {"logits": logits}
    if training_outputs:
        outputs["aux"] = aux_head(mixed_6e, classes, name="AuxLogits")
    model = keras.Model(image, outputs, name="inception_v3")
    for layer in model.layers:
        if layer.name == "AuxLogits_fc":
            fresh = initializers.RandomNormal(stddev=0.001)
            layer.kernel.assign(fresh(layer.kernel.shape))
        elif isinstance(layer, (layers.Conv2D, layers.Dense)):
            fresh = initializers.RandomNormal(stddev=0.1)
            layer.kernel.assign(fresh(layer.kernel.shape))
    return model


if __name__ == "__main__":
    inception_v3().summary()
