"""nasnet_mobile: learning transferable architectures for scalable image recognition
(Zoph et al., 2017).

https://arxiv.org/abs/1707.07012

Input    image    (N, 224, 224, 3)
Output   logits   (N, 1000)
Size     5,289,978 parameters, 36,738 buffers, 563.6 M MACs a sample

Written by graphcnn 0.1.0 from nasnet.yaml (nasnet_mobile).
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, layers

__all__ = [
    "fit",
    "fit_and_halve",
    "nasnet_mobile",
    "normal_cell",
    "reduction_cell",
    "separable",
]


def batch_norm(x: KerasTensor, name: str) -> KerasTensor:
    return layers.BatchNormalization(momentum=0.9997, name=name)(x)


def fit(x: KerasTensor, out: int, *, name: str) -> KerasTensor:
    """Brings a value to as many channels as a cell works with."""
    x = layers.ReLU()(x)
    x = layers.Conv2D(out, 1, use_bias=False, name=f"{name}_conv1")(x)
    return batch_norm(x, f"{name}_bn1")


def fit_and_halve(x: KerasTensor, out: int, *, name: str) -> KerasTensor:
    """The same at half of the resolution; half of the channels see the even cells,
    half the odd.
    """
    x = layers.ReLU()(x)
    y = layers.AveragePooling2D(1, strides=2)(x)
    y = layers.Conv2D(out // 2, 1, use_bias=False, name=f"{name}_conv1")(y)
    x = layers.ZeroPadding2D(((0, 1), (0, 1)))(x)
    x = layers.Cropping2D(((1, 0), (1, 0)))(x)
    x = layers.AveragePooling2D(1, strides=2)(x)
    x = layers.Conv2D(out // 2, 1, use_bias=False, name=f"{name}_conv2")(x)
    x = layers.Concatenate()([y, x])
    return batch_norm(x, f"{name}_bn1")


def separable(
    x: KerasTensor, out: int, kernel: int, stride: int = 1, *, name: str
) -> KerasTensor:
    """Two separable convolutions, of which the first has the stride."""
    x = layers.ReLU()(x)
    x = layers.DepthwiseConv2D(
        kernel,
        strides=stride,
        padding="same",
        use_bias=False,
        name=f"{name}_separable_conv1_depthwise",
    )(x)
    x = layers.Conv2D(out, 1, use_bias=False, name=f"{name}_separable_conv1_pointwise")(
        x
    )
    x = batch_norm(x, f"{name}_bn1")
    x = layers.ReLU()(x)
    x = layers.DepthwiseConv2D(
        kernel, padding="same", use_bias=False, name=f"{name}_separable_conv2_depthwise"
    )(x)
    x = layers.Conv2D(out, 1, use_bias=False, name=f"{name}_separable_conv2_pointwise")(
        x
    )
    return batch_norm(x, f"{name}_bn2")


def reduction_cell(
    last: KerasTensor,
    before: KerasTensor,
    filters: int,
    first: bool = False,
    *,
    name: str,
) -> KerasTensor:
    """Figure 4, on the right."""
    if not first:
        if before.shape[1] == last.shape[1]:
            before = fit(before, filters, name=f"{name}_fitted")
        else:
            before = fit_and_halve(before, filters, name=f"{name}_fitted")
    h = fit(last, filters, name=f"{name}_h")
    padded = layers.ZeroPadding2D(((last.shape[1] % 2, 1), (last.shape[2] % 2, 1)))(h)
    left1 = separable(h, filters, 5, stride=2, name=f"{name}_left1")
    x = separable(before, filters, 7, stride=2, name=f"{name}_right1")
    sum1 = layers.Add()([left1, x])
    left2 = layers.MaxPooling2D(3, 2)(padded)
    x = separable(before, filters, 7, stride=2, name=f"{name}_right2")
    sum2 = layers.Add()([left2, x])
    left3 = layers.AveragePooling2D(3, strides=2)(padded)
    x = separable(before, filters, 5, stride=2, name=f"{name}_right3")
    sum3 = layers.Add()([left3, x])
    x = layers.AveragePooling2D(3, strides=1, padding="same")(sum1)
    sum4 = layers.Add()([x, sum2])
    x = separable(sum1, filters, 3, name=f"{name}_left5")
    x = layers.Add()([x, left2])
    return layers.Concatenate()([sum2, sum3, sum4, x])


def normal_cell(
    last: KerasTensor, before: KerasTensor, filters: int, *, name: str
) -> KerasTensor:
    """Figure 4, on the left."""
    if before.shape[1] == last.shape[1]:
        p = fit(before, filters, name=f"{name}_p")
    else:
        p = fit_and_halve(before, filters, name=f"{name}_p")
    h = fit(last, filters, name=f"{name}_h")
    left1 = separable(h, filters, 5, name=f"{name}_left1")
    x = separable(p, filters, 3, name=f"{name}_right1")
    sum1 = layers.Add()([left1, x])
    left2 = separable(p, filters, 5, name=f"{name}_left2")
    x = separable(p, filters, 3, name=f"{name}_right2")
    sum2 = layers.Add()([left2, x])
    x = layers.AveragePooling2D(3, strides=1, padding="same")(h)
    sum3 = layers.Add()([x, p])
    x = layers.AveragePooling2D(3, strides=1, padding="same")(p)
    sum4 = layers.Add()([x, x])
    x = separable(h, filters, 3, name=f"{name}_left5")
    x = layers.Add()([x, h])
    return layers.Concatenate()([p, sum1, sum2, sum3, sum4, x])


def nasnet_mobile(classes: int = 1000) -> keras.Model:
    """nasnet_mobile with fresh weights."""
    image = keras.Input((224, 224, 3), name="image")
    x = layers.Conv2D(32, 3, 2, use_bias=False, name="conv")(image)  # 111 x 111 x 32
    cell0 = batch_norm(x, "cell0")
    cell1 = reduction_cell(cell0, cell0, 11, first=True, name="cell1")  # 56 x 56 x 44
    cell2 = reduction_cell(cell1, cell0, 22, name="cell2")  # 28 x 28 x 88
    cell3 = normal_cell(cell2, cell1, 44, name="cell3")  # 28 x 28 x 264
    cell4 = normal_cell(cell3, cell2, 44, name="cell4")
    cell5 = normal_cell(cell4, cell3, 44, name="cell5")
    cell6 = normal_cell(cell5, cell4, 44, name="cell6")
    cell7 = reduction_cell(cell6, cell5, 88, name="cell7")  # 14 x 14 x 352
    cell8 = normal_cell(cell7, cell6, 88, name="cell8")  # 14 x 14 x 528
    cell9 = normal_cell(cell8, cell7, 88, name="cell9")
    cell10 = normal_cell(cell9, cell8, 88, name="cell10")
    cell11 = normal_cell(cell10, cell9, 88, name="cell11")
    cell12 = reduction_cell(cell11, cell10, 176, name="cell12")  # 7 x 7 x 704
    cell13 = normal_cell(cell12, cell11, 176, name="cell13")  # 7 x 7 x 1056
    cell14 = normal_cell(cell13, cell12, 176, name="cell14")
    x = normal_cell(cell14, cell13, 176, name="cell15")
    x = normal_cell(x, cell14, 176, name="cell16")
    x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)
    logits = layers.Dense(classes, name="fc")(x)
    return keras.Model(image, logits, name="nasnet_mobile")


if __name__ == "__main__":
    nasnet_mobile().summary()
