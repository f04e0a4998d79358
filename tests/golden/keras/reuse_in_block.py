"""reuse_in_block

Input    image    (N, 8, 8, 4)
Output   output   (N, 8, 8, 6)
Size     552 parameters, 24 buffers, 115.7 K MACs a sample

Written by graphcnn 0.1.0 from reuse_in_block.yaml.
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, layers

__all__ = ["head", "pair", "reuse_in_block"]


def head(x: KerasTensor, out: int, *, name: str) -> KerasTensor:
    conv_layer = layers.Conv2D(4, 3, padding="same", name=f"{name}_conv")
    x = conv_layer(x)
    x = layers.ReLU()(x)
    x = conv_layer(x)
    x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_norm")(x)
    x = conv_layer(x)
    return layers.Conv2D(out, 1, name=f"{name}_conv3")(x)


def pair(a: KerasTensor, b: KerasTensor, *, name: str) -> KerasTensor:
    head_input = keras.Input((8, 8, 4))
    head_model = keras.Model(
        head_input, head(head_input, 3, name=f"{name}_head"), name=f"{name}_head"
    )
    x = head_model(a)
    y = head_model(b)
    return layers.Concatenate()([x, y])


def reuse_in_block() -> keras.Model:
    """reuse_in_block with fresh weights."""
    image = keras.Input((8, 8, 4), name="image")
    h1 = head(image, 4, name="h1")  # 8 x 8 x 4
    x = head(h1, 5, name="h2")  # 8 x 8 x 5
    x = layers.Conv2D(4, 1, name="c")(x)  # 8 x 8 x 4
    output = pair(x, h1, name="pair")  # 8 x 8 x 6
    return keras.Model(image, output, name="reuse_in_block")


if __name__ == "__main__":
    reuse_in_block().summary()
