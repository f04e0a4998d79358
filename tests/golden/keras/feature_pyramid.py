"""feature_pyramid

Input    image   (N, 64, 64, 3)
Output   a       (N, 16, 16, 8)
Output   b       (N, 8, 8, 8)
Output   c       (N, 4, 4, 8)
Output   d       (N, 2, 2, 8)
Size     9,212 parameters, 414.0 K MACs a sample

Written by graphcnn 0.1.0 from feature_pyramid.yaml.
It needs Keras 3 and nothing else.
"""

import keras
from keras import layers

__all__ = ["feature_pyramid"]


def feature_pyramid(width: int = 8) -> keras.Model:
    """feature_pyramid with fresh weights."""
    image = keras.Input((64, 64, 3), name="image")
    x = layers.ZeroPadding2D(1)(image)
    x = layers.Conv2D(4, 3, 2, name="stem")(x)  # 32 x 32 x 4
    features = []
    for n in (2, 3, 4, 5):
        x = layers.ZeroPadding2D(1)(x)
        x = layers.Conv2D(2**n, 3, 2, name=f"c{n}")(x)
        features.append(x)
        x = layers.ReLU()(x)
    x = layers.Conv2D(width, 1, name="p5")(features[3])  # 2 x 2 x width
    features2 = [x]
    for n in (4, 3, 2):
        y = layers.Conv2D(width, 1, name=f"lateral{n}")(features[n - 2])
        x = layers.UpSampling2D(2)(x)
        x = layers.Add()([y, x])
        features2.append(x)
    outs = []
    for n in (2, 3, 4, 5):
        x = layers.Conv2D(width, 3, padding="same", name=f"out{n}")(features2[5 - n])
        outs.append(x)
    outputs = {"a": outs[0], "b": outs[1], "c": outs[2], "d": x}
    return keras.Model(image, outputs, name="feature_pyramid")


if __name__ == "__main__":
    feature_pyramid().summary()
