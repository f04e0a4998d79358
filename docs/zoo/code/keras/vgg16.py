"""VGG-16: very deep convolutional networks (Simonyan and Zisserman, 2014).

https://arxiv.org/abs/1409.1556

Input    image    (N, 224, 224, 3)
Output   logits   (N, 1000)
Size     138,357,544 parameters, 15.47 G MACs a sample

Written by graphcnn 0.1.0 from vgg.yaml (vgg16).
It needs Keras 3 and nothing else.
"""

import keras
from keras import initializers, layers

__all__ = ["vgg16"]


def vgg16(classes: int = 1000) -> keras.Model:
    """VGG-16 with fresh weights."""
    image = keras.Input((224, 224, 3), name="image")
    x = image
    for channels, depth, first in (
        (64, 2, 0),
        (128, 2, 5),
        (256, 3, 10),
        (512, 3, 17),
        (512, 3, 24),
    ):
        for layer in range(depth):
            x = layers.Conv2D(
                channels, 3, padding="same", name=f"features_{first + 2 * layer}"
            )(x)
            x = layers.ReLU()(x)
        x = layers.MaxPooling2D(2)(x)
    x = layers.AdaptiveAveragePooling2D(7)(x)  # 7 x 7 x 512
    x = layers.Permute((3, 1, 2))(x)  # channels first, as the weights are
    x = layers.Flatten()(x)
    x = layers.Dense(4096, name="classifier_0")(x)
    x = layers.ReLU()(x)
    x = layers.Dropout(0.5)(x)
    x = layers.Dense(4096, name="classifier_3")(x)
    x = layers.ReLU()(x)
    x = layers.Dropout(0.5)(x)
    logits = layers.Dense(classes, name="classifier_6")(x)
    model = keras.Model(image, logits, name="vgg16")
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D):
            fresh = initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal")
            layer.kernel.assign(fresh(layer.kernel.shape))
        elif isinstance(layer, layers.Dense):
            fresh = initializers.RandomNormal(stddev=0.01)
            layer.kernel.assign(fresh(layer.kernel.shape))
    return model


if __name__ == "__main__":
    vgg16().summary()
