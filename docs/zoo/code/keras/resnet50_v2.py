"""resnet50_v2: identity mappings in deep residual networks (He et al., 2016).

https://arxiv.org/abs/1603.05027

Input    image    (N, 224, 224, 3)
Output   logits   (N, 1000)
Size     25,568,360 parameters, 45,440 buffers, 3.482 G MACs a sample

Written by graphcnn 0.1.0 from resnet_v2.yaml (resnet50_v2).
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, layers

__all__ = ["bottleneck", "first_unit", "resnet50_v2", "unit"]


def batch_norm(x: KerasTensor, name: str) -> KerasTensor:
    return layers.BatchNormalization(epsilon=1.001e-05, name=name)(x)


def bottleneck(
    x: KerasTensor, planes: int, stride: int = 1, *, name: str
) -> KerasTensor:
    """Convolutions of 1x1, 3x3 and 1x1."""
    x = layers.Conv2D(planes, 1, use_bias=False, name=f"{name}_conv1")(x)
    x = batch_norm(x, f"{name}_bn1")
    x = layers.ReLU()(x)
    x = layers.ZeroPadding2D(1)(x)
    x = layers.Conv2D(planes, 3, stride, use_bias=False, name=f"{name}_conv2")(x)
    x = batch_norm(x, f"{name}_bn2")
    x = layers.ReLU()(x)
    return layers.Conv2D(4 * planes, 1, name=f"{name}_conv3")(x)


def first_unit(x: KerasTensor, planes: int, *, name: str) -> KerasTensor:
    """A bottleneck and a projection,
    which both see the normalised and rectified input.
    """
    x = batch_norm(x, f"{name}_bn1")
    x = layers.ReLU()(x)
    y = bottleneck(x, planes, name=f"{name}_bottleneck")
    x = layers.Conv2D(4 * planes, 1, name=f"{name}_projection")(x)
    return layers.Add()([y, x])


def unit(x: KerasTensor, planes: int, stride: int = 1, *, name: str) -> KerasTensor:
    """What a bottleneck makes of the normalised and rectified input,
    added to the input itself.
    """
    y = batch_norm(x, f"{name}_bn1")
    y = layers.ReLU()(y)
    y = bottleneck(y, planes, stride=stride, name=f"{name}_bottleneck")
    if stride != 1:
        x = layers.MaxPooling2D(1, stride)(x)
    return layers.Add()([y, x])


def resnet50_v2(classes: int = 1000) -> keras.Model:
    """resnet50_v2 with fresh weights."""
    image = keras.Input((224, 224, 3), name="image")
    x = layers.ZeroPadding2D(3)(image)
    x = layers.Conv2D(64, 7, 2, name="stem")(x)  # 112 x 112 x 64
    x = layers.ZeroPadding2D(1)(x)  # 114 x 114 x 64
    x = layers.MaxPooling2D(3, 2)(x)  # 56 x 56 x 64
    for stage, depth in enumerate((3, 4, 6, 3)):
        x = first_unit(x, 64 * 2**stage, name=f"stage{stage + 1}_0")
        for i in range(depth - 1):
            x = unit(
                x,
                64 * 2**stage,
                stride=2 if stage < 3 and i == depth - 2 else 1,
                name=f"stage{stage + 1}_{i + 1}",
            )
    x = batch_norm(x, "norm")  # 7 x 7 x 2048
    x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)
    logits = layers.Dense(classes, name="fc")(x)
    return keras.Model(image, logits, name="resnet50_v2")


if __name__ == "__main__":
    resnet50_v2().summary()
