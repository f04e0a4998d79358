"""vgg11_bn: very deep convolutional networks (Simonyan and Zisserman, 2014).

https://arxiv.org/abs/1409.1556

Input    image    (N, 224, 224, 3)
Output   logits   (N, 1000)
Size     132,868,840 parameters, 5,504 buffers, 7.609 G MACs a sample

Written by graphcnn 0.1.0 from vgg.yaml (vgg11_bn).
It needs Keras 3 and nothing else.
"""

import keras
from keras import initializers, layers

__all__ = ["vgg11_bn"]


def vgg11_bn(classes: int = 1000) -> keras.Model:
    """vgg11_bn with fresh weights."""
    image = keras.Input((224, 224, 3), name="image")
    x = image
    for channels, depth, first in (
        (64, 1, 0),
        (128, 1, 4),
        (256, 2, 8),
        (512, 2, 15),
        (512, 2, 22),
    ):
        for layer in range(depth):
            x = layers.Conv2D(
                channels, 3, padding="same", name=f"features_{first + 3 * layer}"
            )(x)
            x = layers.BatchNormalization(
                momentum=0.9, epsilon=1e-5, name=f"features_{first + 3 * layer + 1}"
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
    model = keras.Model(image, logits, name="vgg11_bn")
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D):
            fresh = initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal")
            layer.kernel.assign(fresh(layer.kernel.shape))
        elif isinstance(layer, layers.Dense):
            fresh = initializers.RandomNormal(stddev=0.01)
            layer.kernel.assign(fresh(layer.kernel.shape))
    return model


if __name__ == "__main__":
    vgg11_bn().summary()
