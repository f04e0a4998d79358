"""SqueezeNet 1.0: AlexNet's accuracy with 50 times fewer parameters
(Iandola et al., 2016).

https://arxiv.org/abs/1602.07360

Input    image    (N, 224, 224, 3)
Output   logits   (N, 1000)
Size     1,248,424 parameters, 818.9 M MACs a sample

Written by graphcnn 0.1.0 from squeezenet.yaml (squeezenet1_0).
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, initializers, layers

__all__ = ["fire", "squeezenet1_0"]


def fire(x: KerasTensor, squeeze: int, expand: int, *, name: str) -> KerasTensor:
    """A 1x1 convolution squeezes the channels; 1x1 and 3x3 ones expand them."""
    x = layers.Conv2D(squeeze, 1, name=f"{name}_squeeze")(x)
    x = layers.ReLU()(x)
    expand1x1 = layers.Conv2D(expand, 1, name=f"{name}_expand1x1")(x)
    x = layers.Conv2D(expand, 3, padding="same", name=f"{name}_expand3x3")(x)
    x = layers.Concatenate()([expand1x1, x])
    return layers.ReLU()(x)


def squeezenet1_0(classes: int = 1000) -> keras.Model:
    """SqueezeNet 1.0 with fresh weights."""
    image = keras.Input((224, 224, 3), name="image")
    x = layers.Conv2D(96, 7, 2, name="features_0")(image)  # 109 x 109 x 96
    x = layers.ReLU()(x)
    x = layers.MaxPooling2D(3, 2)(x)  # 54 x 54 x 96
    for n, first in ((2, 3), (3, 4), (4, 5), (5, 7), (6, 8), (7, 9), (8, 10), (9, 12)):
        x = fire(x, 16 * (n // 2), 64 * (n // 2), name=f"features_{first}")
        if n in (4, 8):
            x = layers.MaxPooling2D(3, 2, padding="same" if n == 4 else "valid")(x)
    x = layers.Dropout(0.5)(x)  # 13 x 13 x 512
    x = layers.Conv2D(classes, 1, name="classifier_1")(x)  # 13 x 13 x classes
    x = layers.ReLU()(x)
    logits = layers.GlobalAveragePooling2D()(x)
    model = keras.Model(image, logits, name="squeezenet1_0")
    for layer in model.layers:
        if layer.name == "classifier_1":
            fresh = initializers.RandomNormal(stddev=0.01)
            layer.kernel.assign(fresh(layer.kernel.shape))
        elif isinstance(layer, layers.Conv2D):
            fresh = initializers.HeUniform()
            layer.kernel.assign(fresh(layer.kernel.shape))
    return model


if __name__ == "__main__":
    squeezenet1_0().summary()
