"""declared_names: classes of the author's that have one name, or that of a block.

Input    image    (N, 6, 6, 4)
Output   output   (N, 6, 6, 4)
Size     24 parameters, 576 MACs a sample

Written by graphcnn 0.1.0 from declared_names.yaml.
It needs Keras 3 and the layers below.
"""

import keras
from keras import KerasTensor, layers

from tests.backends.keras_layers import Cell, Gate
from tests.backends.more_keras_layers import Gate as Gate2

__all__ = ["cell", "declared_names"]


def cell(x: KerasTensor, *, name: str) -> KerasTensor:
    x = layers.Conv2D(4, 1, name=f"{name}_conv1")(x)
    x = Cell(factor=3.0, name=f"{name}_triple")(x)
    return layers.ReLU()(x)


def declared_names() -> keras.Model:
    """declared_names with fresh weights."""
    image = keras.Input((6, 6, 4), name="image")
    x = Gate(channels=4, name="gate")(image)  # 6 x 6 x 4
    x = Gate2(name="other_gate")(x)
    x = cell(x, name="cell")
    output = Cell(factor=2.0, name="triple")(x)
    return keras.Model(image, output, name="declared_names")


if __name__ == "__main__":
    declared_names().summary()
