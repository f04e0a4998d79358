"""r3d_18: a closer look at spatiotemporal convolutions for action recognition
(Tran et al., 2017).

https://arxiv.org/abs/1711.11248

Input    video    (N, 16, 112, 112, 3)
Output   logits   (N, 400)
Size     33,371,472 parameters, 9,600 buffers, 40.70 G MACs a sample

Written by graphcnn 0.1.0 from resnet_video.yaml (r3d_18).
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, initializers, layers

__all__ = ["basic_block", "r3d_18"]


def batch_norm(x: KerasTensor, name: str) -> KerasTensor:
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)(x)


def basic_block(
    x: KerasTensor, planes: int, stride: int = 1, *, name: str
) -> KerasTensor:
    """Two convolutions of 3x3 cells in one or three frames,
    added to the input or its projection.
    """
    y = layers.ZeroPadding3D(1)(x)
    y = layers.Conv3D(planes, 3, stride, use_bias=False, name=f"{name}_conv1_0")(y)
    y = batch_norm(y, f"{name}_conv1_1")
    y = layers.ReLU()(y)
    y = layers.Conv3D(
        planes, 3, padding="same", use_bias=False, name=f"{name}_conv2_0"
    )(y)
    conv2 = batch_norm(y, f"{name}_conv2_1")
    if x.shape[-1] != planes:
        x = layers.Conv3D(
            planes, 1, stride, use_bias=False, name=f"{name}_downsample_0"
        )(x)
        x = batch_norm(x, f"{name}_downsample_1")
    x = layers.Add()([conv2, x])
    return layers.ReLU()(x)


def r3d_18(classes: int = 400) -> keras.Model:
    """r3d_18 with fresh weights."""
    video = keras.Input((16, 112, 112, 3), name="video")
    x = layers.ZeroPadding3D((1, 3, 3))(video)
    x = layers.Conv3D(64, (3, 7, 7), (1, 2, 2), use_bias=False, name="stem_0")(x)
    x = batch_norm(x, "stem_1")
    x = layers.ReLU()(x)
    for stage in range(4):
        for i in range(2):
            x = basic_block(
                x,
                64 * 2**stage,
                stride=1 if stage == 0 or i > 0 else 2,
                name=f"layer{stage + 1}_{i}",
            )
    x = layers.GlobalAveragePooling3D()(x)
    logits = layers.Dense(classes, name="fc")(x)
    model = keras.Model(video, logits, name="r3d_18")
    for layer in model.layers:
        if isinstance(layer, layers.Conv3D):
            fresh = initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal")
            layer.kernel.assign(fresh(layer.kernel.shape))
        elif isinstance(layer, layers.Dense):
            fresh = initializers.RandomNormal(stddev=0.01)
            layer.kernel.assign(fresh(layer.kernel.shape))
    return model


if __name__ == "__main__":
    r3d_18().summary()
