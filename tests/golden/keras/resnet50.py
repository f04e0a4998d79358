"""ResNet-50: deep residual learning (He et al., 2015), with ResNeXt and Wide ResNet.

https://arxiv.org/abs/1512.03385

Input    image    (N, 224, 224, 3)
Output   logits   (N, 1000)
Size     25,557,032 parameters, 53,120 buffers, 4.089 G MACs a sample

Written by graphcnn 0.1.0 from resnet.yaml (resnet50).
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, initializers, layers

__all__ = ["bottleneck", "resnet50"]


def batch_norm(x: KerasTensor, name: str) -> KerasTensor:
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)(x)


def bottleneck(
    x: KerasTensor, planes: int, stride: int = 1, *, name: str
) -> KerasTensor:
    """Convolutions of 1x1, 3x3 and 1x1, added to the input or its projection."""
    out = 4 * planes
    y = layers.Conv2D(planes, 1, use_bias=False, name=f"{name}_conv1")(x)
    y = batch_norm(y, f"{name}_bn1")
    y = layers.ReLU()(y)
    y = layers.ZeroPadding2D(1)(y)
    y = layers.Conv2D(planes, 3, stride, use_bias=False, name=f"{name}_conv2")(y)
    y = batch_norm(y, f"{name}_bn2")
    y = layers.ReLU()(y)
    y = layers.Conv2D(out, 1, use_bias=False, name=f"{name}_conv3")(y)
    y = batch_norm(y, f"{name}_bn3")
    if stride != 1 or x.shape[-1] != out:
        x = layers.Conv2D(out, 1, stride, use_bias=False, name=f"{name}_downsample_0")(
            x
        )
        x = batch_norm(x, f"{name}_downsample_1")
    x = layers.Add()([y, x])
    return layers.ReLU()(x)


def resnet50(classes: int = 1000) -> keras.Model:
    """ResNet-50 with fresh weights."""
    image = keras.Input((224, 224, 3), name="image")
    x = layers.ZeroPadding2D(3)(image)
    x = layers.Conv2D(64, 7, 2, use_bias=False, name="conv1")(x)  # 112 x 112 x 64
    x = batch_norm(x, "bn1")
    x = layers.ReLU()(x)
    x = layers.ZeroPadding2D(1)(x)
    x = layers.MaxPooling2D(3, 2)(x)  # 56 x 56 x 64
    for stage, depth in enumerate((3, 4, 6, 3)):
        for i in range(depth):
            x = bottleneck(
                x,
                64 * 2**stage,
                stride=2 if stage > 0 and i == 0 else 1,
                name=f"layer{stage + 1}_{i}",
            )
    x = layers.GlobalAveragePooling2D()(x)
    logits = layers.Dense(classes, name="fc")(x)
    model = keras.Model(image, logits, name="resnet50")
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D):
            fresh = initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal")
            layer.kernel.assign(fresh(layer.kernel.shape))
    return model


if __name__ == "__main__":
    resnet50().summary()
