"""LeNet-5: gradient-based learning applied to document recognition
(LeCun et al., 1998).

https://doi.org/10.1109/5.726791

Input    image    (N, 32, 32, 1)
Output   logits   (N, 10)
Size     61,706 parameters, 416.5 K MACs a sample

Written by graphcnn 0.1.0 from lenet.yaml (lenet5).
It needs Keras 3 and nothing else.
"""

import keras
from keras import layers

__all__ = ["lenet5"]


def lenet5(classes: int = 10) -> keras.Model:
    """LeNet-5 with fresh weights."""
    image = keras.Input((32, 32, 1), name="image")
    x = layers.Conv2D(6, 5, name="c1")(image)  # 28 x 28 x 6
    x = layers.Activation("tanh")(x)
    x = layers.AveragePooling2D(2)(x)  # 14 x 14 x 6
    x = layers.Conv2D(16, 5, name="c3")(x)  # 10 x 10 x 16
    x = layers.Activation("tanh")(x)
    x = layers.AveragePooling2D(2)(x)  # 5 x 5 x 16
    x = layers.Permute((3, 1, 2))(x)  # channels first, as the weights are
    x = layers.Flatten()(x)
    x = layers.Dense(120, name="c5")(x)
    x = layers.Activation("tanh")(x)
    x = layers.Dense(84, name="f6")(x)
    x = layers.Activation("tanh")(x)
    logits = layers.Dense(classes, name="output")(x)
    return keras.Model(image, logits, name="lenet5")


if __name__ == "__main__":
    lenet5().summary()
