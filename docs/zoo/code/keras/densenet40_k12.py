"""densenet40_k12: the densely connected networks for CIFAR's small images
(Huang et al., 2016).

https://arxiv.org/abs/1608.06993

Input    image    (N, 32, 32, 3)
Output   logits   (N, 10)
Size     1,019,722 parameters, 18,096 buffers, 264.8 M MACs a sample

Written by graphcnn 0.1.0 from densenet_cifar.yaml (densenet40_k12).
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, initializers, layers

__all__ = ["dense_layer", "densenet40_k12", "transition"]


def batch_norm(x: KerasTensor, name: str) -> KerasTensor:
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)(x)


def dense_layer(x: KerasTensor, *, name: str) -> KerasTensor:
    """What one layer adds;
    in BC a 1x1 convolution keeps the 3x3 from growing with the input.
    """
    x = batch_norm(x, f"{name}_bn1")
    x = layers.ReLU()(x)
    x = layers.Conv2D(12, 3, padding="same", use_bias=False, name=f"{name}_conv1")(x)
    return x


def transition(x: KerasTensor, *, name: str) -> KerasTensor:
    """Half of the resolution, and in BC half of the channels."""
    in_channels = x.shape[-1]
    x = batch_norm(x, f"{name}_norm")
    x = layers.ReLU()(x)
    x = layers.Conv2D(in_channels, 1, use_bias=False, name=f"{name}_conv")(x)
    return layers.AveragePooling2D(2)(x)


def densenet40_k12(classes: int = 10) -> keras.Model:
    """densenet40_k12 with fresh weights."""
    image = keras.Input((32, 32, 3), name="image")
    x = layers.Conv2D(16, 3, padding="same", use_bias=False, name="features_conv0")(
        image
    )
    for stage in range(3):
        for i in range(12):
            y = dense_layer(x, name=f"features_denseblock{stage + 1}_denselayer{i + 1}")
            x = layers.Concatenate()([x, y])
        if stage < 2:
            x = transition(x, name=f"features_transition{stage + 1}")
    x = batch_norm(x, "features_norm")
    x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)
    logits = layers.Dense(classes, name="classifier")(x)
    model = keras.Model(image, logits, name="densenet40_k12")
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D):
            fresh = initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")
            layer.kernel.assign(fresh(layer.kernel.shape))
    return model


if __name__ == "__main__":
    densenet40_k12().summary()
