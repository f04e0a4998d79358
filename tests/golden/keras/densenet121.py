"""DenseNet-121: densely connected convolutional networks (Huang et al., 2016).

https://arxiv.org/abs/1608.06993

Input    image    (N, 224, 224, 3)
Output   logits   (N, 1000)
Size     7,978,856 parameters, 83,648 buffers, 2.834 G MACs a sample

Written by graphcnn 0.1.0 from densenet.yaml (densenet121).
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, initializers, layers

__all__ = ["dense_block", "dense_layer", "densenet121", "transition"]


def batch_norm(x: KerasTensor, name: str) -> KerasTensor:
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)(x)


def dense_layer(x: KerasTensor, *, name: str) -> KerasTensor:
    """What one layer adds;
    its 1x1 convolution keeps the 3x3 from growing with the input.
    """
    x = batch_norm(x, f"{name}_norm1")
    x = layers.ReLU()(x)
    x = layers.Conv2D(128, 1, use_bias=False, name=f"{name}_conv1")(x)
    x = batch_norm(x, f"{name}_norm2")
    x = layers.ReLU()(x)
    x = layers.Conv2D(32, 3, padding="same", use_bias=False, name=f"{name}_conv2")(x)
    return x


def dense_block(x: KerasTensor, depth: int, *, name: str) -> KerasTensor:
    """Layers that each see all that was made before them."""
    for i in range(depth):
        y = dense_layer(x, name=f"{name}_denselayer{i + 1}")
        x = layers.Concatenate()([x, y])
    return x


def transition(x: KerasTensor, *, name: str) -> KerasTensor:
    """Half of the channels, at half of the resolution."""
    in_channels = x.shape[-1]
    x = batch_norm(x, f"{name}_norm")
    x = layers.ReLU()(x)
    x = layers.Conv2D(in_channels // 2, 1, use_bias=False, name=f"{name}_conv")(x)
    return layers.AveragePooling2D(2)(x)


def densenet121(classes: int = 1000) -> keras.Model:
    """DenseNet-121 with fresh weights."""
    image = keras.Input((224, 224, 3), name="image")
    x = layers.ZeroPadding2D(3)(image)
    x = layers.Conv2D(64, 7, 2, use_bias=False, name="features_conv0")(x)
    x = batch_norm(x, "features_norm0")
    x = layers.ReLU()(x)
    x = layers.ZeroPadding2D(1)(x)
    x = layers.MaxPooling2D(3, 2)(x)  # 56 x 56 x 64
    for stage, depth in enumerate((6, 12, 24, 16)):
        x = dense_block(x, depth, name=f"features_denseblock{stage + 1}")
        if stage < 3:
            x = transition(x, name=f"features_transition{stage + 1}")
    x = batch_norm(x, "features_norm5")
    x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)
    logits = layers.Dense(classes, name="classifier")(x)
    model = keras.Model(image, logits, name="densenet121")
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D):
            fresh = initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")
            layer.kernel.assign(fresh(layer.kernel.shape))
    return model


if __name__ == "__main__":
    densenet121().summary()
