"""unet

Input    image    (N, 32, 32, 3)
Output   output   (N, 32, 32, 2)
Size     15,106 parameters, 176 buffers, 1.323 M MACs a sample

Written by graphcnn 0.1.0 from unet.yaml.
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, layers

__all__ = ["double", "unet"]


def double(x: KerasTensor, out: int, *, name: str) -> KerasTensor:
    x = layers.Conv2D(out, 3, padding="same", use_bias=False, name=f"{name}_0")(x)
    x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_1")(x)
    return layers.ReLU()(x)


def unet() -> keras.Model:
    """unet with fresh weights."""
    image = keras.Input((32, 32, 3), name="image")
    downs = []
    x = image
    for n in range(3):
        x = double(x, 4 * 2**n, name=f"down{n}")
        downs.append(x)
        x = layers.MaxPooling2D(2)(x)
    x = double(x, 32, name="bottom")  # 4 x 4 x 32
    for n in (2, 1, 0):
        x = layers.Conv2DTranspose(4 * 2**n, 2, 2, name=f"up{n}")(x)
        x = layers.Concatenate()([downs[n], x])
        x = double(x, 4 * 2**n, name=f"merge{n}")
    output = layers.Conv2D(2, 1, name="head")(x)  # 32 x 32 x 2
    return keras.Model(image, output, name="unet")


if __name__ == "__main__":
    unet().summary()
