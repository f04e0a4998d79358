"""recursive_joins: trees whose two halves are leaves or trees under one id,
and are both read at the root.

Input    image    (N, 16, 16, 3)
Output   output   (N, 8, 8, 16)
Size     22,192 parameters, 288 buffers, 1.571 M MACs a sample

Written by graphcnn 0.1.0 from recursive_joins.yaml.
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, layers

__all__ = ["recursive_joins", "tree", "unit"]


def unit(x: KerasTensor, out: int, stride: int = 1, *, name: str) -> KerasTensor:
    x = layers.ZeroPadding2D(1)(x)
    x = layers.Conv2D(out, 3, stride, use_bias=False, name=f"{name}_conv1")(x)
    x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_bn1")(x)
    return layers.ReLU()(x)


def tree(
    x: KerasTensor, level: int, out: int, stride: int = 1, *, name: str
) -> KerasTensor:
    """Two subtrees and a root."""
    if level == 1:
        x = unit(x, out, stride=stride, name=f"{name}_left")
    if level > 1:
        x = tree(x, level - 1, out, stride=stride, name=f"{name}_left")
    left = x
    if level == 1:
        x = unit(x, out, name=f"{name}_right")
    if level > 1:
        x = tree(x, level - 1, out, name=f"{name}_right")
    x = layers.Concatenate()([left, x])
    return layers.Conv2D(out, 1, name=f"{name}_root")(x)


def recursive_joins() -> keras.Model:
    """recursive_joins with fresh weights."""
    image = keras.Input((16, 16, 3), name="image")
    x = tree(image, 1, 8, name="t1")  # 16 x 16 x 8
    output = tree(x, 3, 16, stride=2, name="t3")  # 8 x 8 x 16
    return keras.Model(image, output, name="recursive_joins")


if __name__ == "__main__":
    recursive_joins().summary()
