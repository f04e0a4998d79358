"""block_inputs: blocks of several inputs and outputs.

Input    image    (N, 10, 10, 3)
Output   output   (N, 10, 10, 18)
Size     1,096 parameters, 106.0 K MACs a sample

Written by graphcnn 0.1.0 from block_inputs.yaml.
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, layers

__all__ = ["block_inputs", "cell"]


def cell(
    cur: KerasTensor, before: KerasTensor, width: int, *, name: str
) -> tuple[KerasTensor, KerasTensor]:
    left = layers.Conv2D(width, 1, name=f"{name}_left")(cur)
    skip = layers.Conv2D(width, 3, padding="same", name=f"{name}_right")(before)
    x = layers.Add()([left, skip])
    main = layers.ReLU()(x)
    return main, skip


def block_inputs() -> keras.Model:
    """block_inputs with fresh weights."""
    image = keras.Input((10, 10, 3), name="image")
    c0 = layers.Conv2D(4, 3, padding="same", name="c0")(image)  # 10 x 10 x 4
    x = layers.Conv2D(6, 3, padding="same", name="c1")(c0)  # 10 x 10 x 6
    x, skip = cell(x, c0, 8, name="cell1")
    x, y = cell(x, skip, 5, name="cell2")
    output = layers.Concatenate()([x, y, skip])  # 10 x 10 x 18
    return keras.Model(image, output, name="block_inputs")


if __name__ == "__main__":
    block_inputs().summary()
