"""training_outputs

Input    image    (N, 8, 8, 3)
Output   aux      (N, 3)   with `training_outputs`
Output   logits   (N, 5)
Output   low      (N, 8, 8, 4)   with `training_outputs`
Size     368 parameters, 8 buffers, 7.464 K MACs a sample

Written by graphcnn 0.1.0 from training_outputs.yaml.
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, layers

__all__ = ["head", "training_outputs"]


def head(x: KerasTensor, classes: int, *, name: str) -> KerasTensor:
    x = layers.GlobalAveragePooling2D()(x)
    return layers.Dense(classes, name=f"{name}_fc")(x)


def training_outputs(*, training_outputs: bool = False) -> keras.Model:
    """training_outputs with fresh weights; `training_outputs` adds aux and low."""
    image = keras.Input((8, 8, 3), name="image")
    x = layers.Conv2D(4, 3, padding="same", name="conv1")(image)  # 8 x 8 x 4
    low = layers.ReLU()(x)
    if training_outputs:
        x = layers.Conv2D(4, 3, padding="same", name="conv2")(low)
        x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name="aux_norm")(x)
        aux = head(x, 3, name="aux")
    x = layers.MaxPooling2D(2)(low)  # 4 x 4 x 4
    x = layers.Conv2D(8, 1, name="conv3")(x)  # 4 x 4 x 8
    logits = head(x, 5, name="main")
    outputs = {"logits": logits}
    if training_outputs:
        outputs["aux"] = aux
        outputs["low"] = low
    return keras.Model(image, outputs, name="training_outputs")


if __name__ == "__main__":
    training_outputs().summary()
