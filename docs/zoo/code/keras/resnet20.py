"""resnet20: the residual networks for CIFAR's small images
(He et al., 2015, section 4.2).

https://arxiv.org/abs/1512.03385

Input    image    (N, 32, 32, 3)
Output   logits   (N, 10)
Size     269,722 parameters, 1,376 buffers, 40.55 M MACs a sample

Written by graphcnn 0.1.0 from resnet_cifar.yaml (resnet20).
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, initializers, layers, ops

__all__ = ["basic_block", "resnet20"]


def batch_norm(x: KerasTensor, name: str) -> KerasTensor:
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)(x)


def basic_block(
    x: KerasTensor, planes: int, stride: int = 1, *, name: str
) -> KerasTensor:
    """Two 3x3 convolutions, added to the input or what stands for it."""
    changes = stride != 1 or x.shape[-1] != planes
    more = planes - x.shape[-1]
    y = layers.ZeroPadding2D(1)(x)
    y = layers.Conv2D(planes, 3, stride, use_bias=False, name=f"{name}_conv1")(y)
    y = batch_norm(y, f"{name}_bn1")
    y = layers.ReLU()(y)
    y = layers.Conv2D(planes, 3, padding="same", use_bias=False, name=f"{name}_conv2")(
        y
    )
    y = batch_norm(y, f"{name}_bn2")
    if changes:
        x = layers.MaxPooling2D(1, stride)(x)
        x = ops.pad(x, ((0, 0), (0, 0), (0, 0), (more // 2, more - more // 2)))
    x = layers.Add()([y, x])
    return layers.ReLU()(x)


def resnet20(classes: int = 10) -> keras.Model:
    """resnet20 with fresh weights."""
    image = keras.Input((32, 32, 3), name="image")
    x = layers.Conv2D(16, 3, padding="same", use_bias=False, name="conv1")(image)
    x = batch_norm(x, "bn1")
    x = layers.ReLU()(x)
    for stage, planes in enumerate((16, 32, 64)):
        for i in range(3):
            x = basic_block(
                x,
                planes,
                stride=2 if stage > 0 and i == 0 else 1,
                name=f"layer{stage + 1}_{i}",
            )
    x = layers.GlobalAveragePooling2D()(x)
    logits = layers.Dense(classes, name="linear")(x)
    model = keras.Model(image, logits, name="resnet20")
    for layer in model.layers:
        if isinstance(layer, (layers.Conv2D, layers.Dense)):
            fresh = initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")
            layer.kernel.assign(fresh(layer.kernel.shape))
    return model


if __name__ == "__main__":
    resnet20().summary()
