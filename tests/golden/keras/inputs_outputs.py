"""inputs_outputs

Input    image      (N, 8, 8, 3)
Input    depth      (N, 8, 8, 1)
Input    scale      (N, 5)
Output   features   (N, 8, 8, 6)
Output   gated      (N, 4, 4, 6)
Output   gate       (N, 6)
Output   same       (N, 4, 4, 6)
Output   raw        (N, 8, 8, 3)
Size     258 parameters, 13.85 K MACs a sample

Written by graphcnn 0.1.0 from inputs_outputs.yaml.
It needs Keras 3 and nothing else.
"""

import keras
from keras import layers

__all__ = ["inputs_outputs"]


def inputs_outputs() -> keras.Model:
    """inputs_outputs with fresh weights."""
    image = keras.Input((8, 8, 3), name="image")
    depth = keras.Input((8, 8, 1), name="depth")
    scale = keras.Input((5,), name="scale")
    x = layers.Concatenate()([image, depth])  # 8 x 8 x 4
    x = layers.Conv2D(6, 3, padding="same", name="conv1")(x)  # 8 x 8 x 6
    features = layers.ReLU()(x)
    pooled = layers.MaxPooling2D(2)(features)  # 4 x 4 x 6
    gate = layers.Dense(6, name="gate")(scale)
    x = layers.Reshape((1, 1, 6))(gate)
    gated = layers.Multiply()([pooled, x])  # 4 x 4 x 6
    outputs = {
        "features": features,
        "gated": gated,
        "gate": gate,
        "same": gated,
        "raw": image,
    }
    return keras.Model([image, depth, scale], outputs, name="inputs_outputs")


if __name__ == "__main__":
    inputs_outputs().summary()
