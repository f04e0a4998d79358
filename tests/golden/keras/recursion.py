"""recursion: a fractal, which uses itself.

Input    image    (N, 6, 6, 4)
Output   output   (N, 6, 6, 4)
Size     1,116 parameters, 38.59 K MACs a sample

Written by graphcnn 0.1.0 from recursion.yaml.
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, layers

__all__ = ["fractal", "recursion"]


def fractal(x: KerasTensor, depth: int, *, name: str) -> KerasTensor:
    near = layers.Conv2D(4, 3, padding="same", name=f"{name}_near_0")(x)
    if depth <= 1:
        x = layers.Conv2D(4, 1, name=f"{name}_far_0")(x)
    else:
        x = fractal(x, depth - 1, name=f"{name}_far_0")
        x = fractal(x, depth - 1, name=f"{name}_far_1")
    return layers.Average()([near, x])


def recursion() -> keras.Model:
    """recursion with fresh weights."""
    image = keras.Input((6, 6, 4), name="image")
    output = fractal(image, 3, name="tree")  # 6 x 6 x 4
    return keras.Model(image, output, name="recursion")


if __name__ == "__main__":
    recursion().summary()
