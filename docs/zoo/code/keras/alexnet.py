"""AlexNet: ImageNet classification with deep convolutional networks
(Krizhevsky et al., 2012).

https://doi.org/10.1145/3065386

Input    image    (N, 224, 224, 3)
Output   logits   (N, 1000)
Size     61,100,840 parameters, 714.2 M MACs a sample

Written by graphcnn 0.1.0 from alexnet.yaml (alexnet).
It needs Keras 3 and nothing else.
"""

import keras
from keras import layers

__all__ = ["alexnet"]


def alexnet(classes: int = 1000) -> keras.Model:
    """AlexNet with fresh weights."""
    image = keras.Input((224, 224, 3), name="image")
    x = layers.ZeroPadding2D(2)(image)
    x = layers.Conv2D(64, 11, 4, name="features_0")(x)  # 55 x 55 x 64
    x = layers.ReLU()(x)
    x = layers.MaxPooling2D(3, 2)(x)  # 27 x 27 x 64
    x = layers.Conv2D(192, 5, padding="same", name="features_3")(x)  # 27 x 27 x 192
    x = layers.ReLU()(x)
    x = layers.MaxPooling2D(3, 2)(x)  # 13 x 13 x 192
    x = layers.Conv2D(384, 3, padding="same", name="features_6")(x)  # 13 x 13 x 384
    x = layers.ReLU()(x)
    x = layers.Conv2D(256, 3, padding="same", name="features_8")(x)  # 13 x 13 x 256
    x = layers.ReLU()(x)
    x = layers.Conv2D(256, 3, padding="same", name="features_10")(x)
    x = layers.ReLU()(x)
    x = layers.MaxPooling2D(3, 2)(x)  # 6 x 6 x 256
    x = layers.AdaptiveAveragePooling2D(6)(x)
    x = layers.Permute((3, 1, 2))(x)  # channels first, as the weights are
    x = layers.Flatten()(x)
    x = layers.Dropout(0.5)(x)
    x = layers.Dense(4096, name="classifier_1")(x)
    x = layers.ReLU()(x)
    x = layers.Dropout(0.5)(x)
    x = layers.Dense(4096, name="classifier_4")(x)
    x = layers.ReLU()(x)
    logits = layers.Dense(classes, name="classifier_6")(x)
    return keras.Model(image, logits, name="alexnet")


if __name__ == "__main__":
    alexnet().summary()
