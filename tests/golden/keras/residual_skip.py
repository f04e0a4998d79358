"""residual_skip: a shortcut that only some uses have.

Input    image    (N, 10, 10, 4)
Output   output   (N, 5, 5, 6)
Size     954 parameters, 37.60 K MACs a sample

Written by graphcnn 0.1.0 from residual_skip.yaml.
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, layers

__all__ = ["inverted", "residual_skip"]


def inverted(
    x: KerasTensor, out: int, stride: int = 1, expand: int = 2, *, name: str
) -> KerasTensor:
    hidden = expand * x.shape[-1]
    first = int(expand != 1)
    y = x
    if expand != 1:
        y = layers.Conv2D(hidden, 1, name=f"{name}_conv1")(y)
    y = layers.ZeroPadding2D(1)(y)
    y = layers.DepthwiseConv2D(3, strides=stride, name=f"{name}_conv{first + 1}")(y)
    y = layers.ReLU(max_value=6)(y)
    y = layers.Conv2D(out, 1, name=f"{name}_conv{first + 2}")(y)
    if stride == 1 and x.shape[-1] == out:
        y = layers.Add()([y, x])
    return y


def residual_skip() -> keras.Model:
    """residual_skip with fresh weights."""
    image = keras.Input((10, 10, 4), name="image")
    x = inverted(image, 4, name="inverted1")  # 10 x 10 x 4
    x = inverted(x, 4, expand=1, name="inverted2")
    x = inverted(x, 6, stride=2, name="inverted3")  # 5 x 5 x 6
    for i in range(2):
        x = inverted(x, 6, name=f"inverted{i + 4}")
    return keras.Model(image, x, name="residual_skip")


if __name__ == "__main__":
    residual_skip().summary()
