"""rcnn_resnet50_fpn: the trunk of Faster, Mask and Keypoint R-CNN
(Ren et al., 2015) on a feature pyramid.

https://arxiv.org/abs/1506.01497

Input    image     (N, 800, 800, 3)
Output   p2        (N, 200, 200, 256)
Output   p3        (N, 100, 100, 256)
Output   p4        (N, 50, 50, 256)
Output   p5        (N, 25, 25, 256)
Output   scores2   (N, 200, 200, 3)
Output   scores3   (N, 100, 100, 3)
Output   scores4   (N, 50, 50, 3)
Output   scores5   (N, 25, 25, 3)
Output   scores6   (N, 13, 13, 3)
Output   deltas2   (N, 200, 200, 12)
Output   deltas3   (N, 100, 100, 12)
Output   deltas4   (N, 50, 50, 12)
Output   deltas5   (N, 25, 25, 12)
Output   deltas6   (N, 13, 13, 12)
Size     27,393,231 parameters, 106,240 buffers, 120.0 G MACs a sample

Written by graphcnn 0.1.0 from rcnn.yaml (rcnn_resnet50_fpn).
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, layers

__all__ = [
    "backbone",
    "bottleneck",
    "convolve_each",
    "fpn",
    "level",
    "rcnn_resnet50_fpn",
    "resnet50",
    "rpn",
    "rpn_head",
]


class Shared:
    """Layers by name: of those that are called alike it hands out the first."""

    def __init__(self) -> None:
        self.layers: dict[str, layers.Layer] = {}

    def __call__(self, layer: layers.Layer) -> layers.Layer:
        return self.layers.setdefault(layer.name, layer)


def batch_norm(x: KerasTensor, name: str) -> KerasTensor:
    return layers.BatchNormalization(
        momentum=0.9, epsilon=1e-5, trainable=False, name=name
    )(x)


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


def resnet50(x: KerasTensor, *, name: str) -> tuple[KerasTensor, ...]:
    """ResNet-50 without its classifier; what each stage makes comes out."""
    x = layers.ZeroPadding2D(3)(x)
    x = layers.Conv2D(64, 7, 2, use_bias=False, name=f"{name}_conv1")(x)
    x = batch_norm(x, f"{name}_bn1")
    x = layers.ReLU()(x)
    x = layers.ZeroPadding2D(1)(x)
    x = layers.MaxPooling2D(3, 2)(x)
    for i in range(3):
        x = bottleneck(x, 64, name=f"{name}_layer1_{i}")
    c2 = x
    for i in range(4):
        x = bottleneck(x, 128, stride=2 if i == 0 else 1, name=f"{name}_layer2_{i}")
    c3 = x
    for i in range(6):
        x = bottleneck(x, 256, stride=2 if i == 0 else 1, name=f"{name}_layer3_{i}")
    c4 = x
    for i in range(3):
        x = bottleneck(x, 512, stride=2 if i == 0 else 1, name=f"{name}_layer4_{i}")
    return c2, c3, c4, x


def level(x: KerasTensor, kernel: int, *, name: str) -> KerasTensor:
    """That of one level."""
    if kernel > 1:
        x = layers.ZeroPadding2D(kernel // 2)(x)
    return layers.Conv2D(256, kernel, name=f"{name}_0")(x)


def convolve_each(
    a: KerasTensor,
    b: KerasTensor,
    c: KerasTensor,
    d: KerasTensor,
    kernel: int,
    *,
    name: str,
) -> tuple[KerasTensor, ...]:
    """A convolution for each level, with weights of its own."""
    x = level(a, kernel, name=f"{name}_0")
    y = level(b, kernel, name=f"{name}_1")
    z = level(c, kernel, name=f"{name}_2")
    u = level(d, kernel, name=f"{name}_3")
    return x, y, z, u


def fpn(
    c2: KerasTensor, c3: KerasTensor, c4: KerasTensor, c5: KerasTensor, *, name: str
) -> tuple[KerasTensor, ...]:
    """Brings what the coarse levels know down to the fine ones."""
    inner_blocks_0, inner_blocks_1, inner_blocks_2, inner_blocks_3 = convolve_each(
        c2, c3, c4, c5, 1, name=f"{name}_inner_blocks"
    )
    x = layers.UpSampling2D(2)(inner_blocks_3)
    m4 = layers.Add()([inner_blocks_2, x])
    x = layers.UpSampling2D(2)(m4)
    m3 = layers.Add()([inner_blocks_1, x])
    x = layers.UpSampling2D(2)(m3)
    x = layers.Add()([inner_blocks_0, x])
    p2, p3, p4, p5 = convolve_each(
        x, m3, m4, inner_blocks_3, 3, name=f"{name}_layer_blocks"
    )
    p6 = layers.MaxPooling2D(1, 2)(p5)
    return p2, p3, p4, p5, p6


def backbone(x: KerasTensor, *, name: str) -> tuple[KerasTensor, ...]:
    """ResNet-50 and the pyramid."""
    c2, c3, c4, c5 = resnet50(x, name=f"{name}_body")
    return fpn(c2, c3, c4, c5, name=f"{name}_fpn")


def rpn_head(
    x: KerasTensor, *, name: str, shared: Shared
) -> tuple[KerasTensor, KerasTensor]:
    """For each anchor, whether an object is there, and how its box differs."""
    x = shared(layers.Conv2D(256, 3, padding="same", name=f"{name}_conv_0_0"))(x)
    conv = layers.ReLU()(x)
    scores = shared(layers.Conv2D(3, 1, name=f"{name}_cls_logits"))(conv)
    deltas = shared(layers.Conv2D(12, 1, name=f"{name}_bbox_pred"))(conv)
    return scores, deltas


def rpn(
    p2: KerasTensor,
    p3: KerasTensor,
    p4: KerasTensor,
    p5: KerasTensor,
    p6: KerasTensor,
    *,
    name: str,
    shared: Shared,
) -> tuple[KerasTensor, ...]:
    """The same head on all levels."""
    scores2, deltas2 = rpn_head(p2, name=f"{name}_head", shared=shared)
    scores3, deltas3 = rpn_head(p3, name=f"{name}_head", shared=shared)
    scores4, deltas4 = rpn_head(p4, name=f"{name}_head", shared=shared)
    scores5, deltas5 = rpn_head(p5, name=f"{name}_head", shared=shared)
    scores6, deltas6 = rpn_head(p6, name=f"{name}_head", shared=shared)
    return (
        scores2,
        scores3,
        scores4,
        scores5,
        scores6,
        deltas2,
        deltas3,
        deltas4,
        deltas5,
        deltas6,
    )


def rcnn_resnet50_fpn() -> keras.Model:
    """rcnn_resnet50_fpn with fresh weights."""
    image = keras.Input((800, 800, 3), name="image")
    shared = Shared()
    p2, p3, p4, p5, p6 = backbone(image, name="backbone")
    (
        scores2,
        scores3,
        scores4,
        scores5,
        scores6,
        deltas2,
        deltas3,
        deltas4,
        deltas5,
        deltas6,
    ) = rpn(p2, p3, p4, p5, p6, name="rpn", shared=shared)
    outputs = {
        "p2": p2,
        "p3": p3,
        "p4": p4,
        "p5": p5,
        "scores2": scores2,
        "scores3": scores3,
        "scores4": scores4,
        "scores5": scores5,
        "scores6": scores6,
        "deltas2": deltas2,
        "deltas3": deltas3,
        "deltas4": deltas4,
        "deltas5": deltas5,
        "deltas6": deltas6,
    }
    return keras.Model(image, outputs, name="rcnn_resnet50_fpn")


if __name__ == "__main__":
    rcnn_resnet50_fpn().summary()
