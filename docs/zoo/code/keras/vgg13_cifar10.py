"""vgg13_cifar10: VGG's convolutions
(Simonyan and Zisserman, 2014) for CIFAR's small images.

https://arxiv.org/abs/1409.1556

Input    image    (N, 32, 32, 3)
Output   logits   (N, 10)
Size     9,416,010 parameters, 5,888 buffers, 228.3 M MACs a sample

Written by graphcnn 0.1.0 from vgg_cifar.yaml (vgg13_cifar10).
It needs Keras 3 and nothing else.
"""

import keras
from keras import layers

__all__ = ["vgg13_cifar10"]


def vgg13_cifar10(classes: int = 10) -> keras.Model:
    """vgg13_cifar10 with fresh weights."""
    image = keras.Input((32, 32, 3), name="image")
    x = image
    for channels, first in ((64, 0), (128, 7), (256, 14), (512, 21), (512, 28)):
        for layer in range(2):
            x = layers.Conv2D(
                channels, 3, padding="same", name=f"features_{first + 3 * layer}"
            )(x)
            x = layers.BatchNormalization(
                momentum=0.9, epsilon=1e-5, name=f"features_{first + 3 * layer + 1}"
            )(x)
            x = layers.ReLU()(x)
        x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    logits = layers.Dense(classes, name="classifier")(x)
    return keras.Model(image, logits, name="vgg13_cifar10")


if __name__ == "__main__":
    vgg13_cifar10().summary()
