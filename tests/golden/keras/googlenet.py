"""GoogLeNet: going deeper with convolutions (Szegedy et al., 2014).

https://arxiv.org/abs/1409.4842

Input    image    (N, 224, 224, 3)
Output   logits   (N, 1000)
Output   aux1     (N, 1000)   with `training_outputs`
Output   aux2     (N, 1000)   with `training_outputs`
Size     13,004,888 parameters, 15,072 buffers, 1.498 G MACs a sample

Written by graphcnn 0.1.0 from googlenet.yaml (googlenet).
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, initializers, layers

__all__ = ["aux_head", "basic_conv", "googlenet", "inception"]


def basic_conv(
    x: KerasTensor, out: int, kernel: int = 1, stride: int = 1, *, name: str
) -> KerasTensor:
    """Convolution, batch norm (not in the paper), ReLU."""
    if kernel > 1:
        x = layers.ZeroPadding2D(kernel // 2)(x)
    x = layers.Conv2D(out, kernel, stride, use_bias=False, name=f"{name}_conv")(x)
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_bn")(x)
    return layers.ReLU()(x)


def inception(
    x: KerasTensor, c1: int, r3: int, c3: int, r5: int, c5: int, pool: int, *, name: str
) -> KerasTensor:
    """Four views of the same input, joined along the channels."""
    branch1 = basic_conv(x, c1, name=f"{name}_branch1")
    y = basic_conv(x, r3, name=f"{name}_branch2_0")
    branch2 = basic_conv(y, c3, kernel=3, name=f"{name}_branch2_1")
    y = basic_conv(x, r5, name=f"{name}_branch3_0")
    branch3 = basic_conv(y, c5, kernel=3, name=f"{name}_branch3_1")
    x = layers.MaxPooling2D(3, 1, padding="same")(x)
    x = basic_conv(x, pool, name=f"{name}_branch4_1")
    return layers.Concatenate()([branch1, branch2, branch3, x])


def aux_head(x: KerasTensor, classes: int, *, name: str) -> KerasTensor:
    """A classifier halfway up, which lets the gradient in."""
    x = layers.AdaptiveAveragePooling2D(4)(x)
    x = basic_conv(x, 128, name=f"{name}_conv")
    x = layers.Permute((3, 1, 2))(x)  # channels first, as the weights are
    x = layers.Flatten()(x)
    x = layers.Dense(1024, name=f"{name}_fc1")(x)
    x = layers.ReLU()(x)
    x = layers.Dropout(0.7)(x)
    return layers.Dense(classes, name=f"{name}_fc2")(x)


def googlenet(classes: int = 1000, *, training_outputs: bool = False) -> keras.Model:
    """GoogLeNet with fresh weights; `training_outputs` adds aux1 and aux2."""
    image = keras.Input((224, 224, 3), name="image")
    x = basic_conv(image, 64, kernel=7, stride=2, name="conv1")  # 112 x 112 x 64
    x = layers.MaxPooling2D(3, 2, padding="same")(x)  # 56 x 56 x 64
    x = basic_conv(x, 64, name="conv2")
    x = basic_conv(x, 192, kernel=3, name="conv3")  # 56 x 56 x 192
    x = layers.MaxPooling2D(3, 2, padding="same")(x)  # 28 x 28 x 192
    x = inception(x, 64, 96, 128, 16, 32, 32, name="inception3a")  # 28 x 28 x 256
    x = inception(x, 128, 128, 192, 32, 96, 64, name="inception3b")  # 28 x 28 x 480
    x = layers.MaxPooling2D(3, 2, padding="same")(x)  # 14 x 14 x 480
    inception4a = inception(x, 192, 96, 208, 16, 48, 64, name="inception4a")
    x = inception(inception4a, 160, 112, 224, 24, 64, 64, name="inception4b")
    x = inception(x, 128, 128, 256, 24, 64, 64, name="inception4c")
    inception4d = inception(x, 112, 144, 288, 32, 64, 64, name="inception4d")
    x = inception(inception4d, 256, 160, 320, 32, 128, 128, name="inception4e")
    x = layers.MaxPooling2D(2)(x)  # 7 x 7 x 832
    x = inception(x, 256, 160, 320, 32, 128, 128, name="inception5a")
    x = inception(x, 384, 192, 384, 48, 128, 128, name="inception5b")  # 7 x 7 x 1024
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    logits = layers.Dense(classes, name="fc")(x)
    outputs = {"logits": logits}
    if training_outputs:
        outputs["aux1"] = aux_head(inception4a, classes, name="aux1")
        outputs["aux2"] = aux_head(inception4d, classes, name="aux2")
    model = keras.Model(image, outputs, name="googlenet")
    for layer in model.layers:
        if isinstance(layer, (layers.Conv2D, layers.Dense)):
            fresh = initializers.RandomNormal(stddev=0.01)
            layer.kernel.assign(fresh(layer.kernel.shape))
    return model


if __name__ == "__main__":
    googlenet().summary()
