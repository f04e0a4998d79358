"""nin_cifar10: network in network (Lin et al., 2013).

https://arxiv.org/abs/1312.4400

Input    image    (N, 32, 32, 3)
Output   logits   (N, 10)
Size     966,986 parameters, 222.5 M MACs a sample

Written by graphcnn 0.1.0 from nin.yaml (nin_cifar10).
It needs Keras 3 and nothing else.
"""

from typing import Any

import keras
from keras import KerasTensor, layers, ops

__all__ = ["mlpconv", "nin_cifar10"]


@keras.saving.register_keras_serializable()
class MaskedAveragePooling(layers.Layer):
    """Average pooling whose padding, given as pairs, is left out of the mean."""

    def __init__(
        self,
        pool_size: tuple[int, ...],
        strides: tuple[int, ...],
        padding: tuple[tuple[int, int], ...],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.pool_size = tuple(pool_size)
        self.strides = tuple(strides)
        self.padding = tuple(tuple(ends) for ends in padding)

    def pool(self, x: KerasTensor) -> KerasTensor:
        padded = ops.pad(x, ((0, 0), *self.padding, (0, 0)))
        return ops.average_pool(padded, self.pool_size, self.strides)

    def call(self, x: KerasTensor) -> KerasTensor:
        return self.pool(x) / self.pool(ops.ones_like(x[:1, ..., :1]))

    def get_config(self) -> dict[str, Any]:
        own = {
            "pool_size": self.pool_size,
            "strides": self.strides,
            "padding": self.padding,
        }
        return {**super().get_config(), **own}


def mlpconv(
    x: KerasTensor,
    kernel: int,
    padding: int,
    widths: tuple[int, int, int],
    *,
    name: str,
) -> KerasTensor:
    """A convolution whose filter is a small network;
    beyond its first layer it sees one place.
    """
    x = layers.ZeroPadding2D(padding)(x)
    x = layers.Conv2D(widths[0], kernel, name=f"{name}_0")(x)
    x = layers.ReLU()(x)
    x = layers.Conv2D(widths[1], 1, name=f"{name}_2")(x)
    x = layers.ReLU()(x)
    x = layers.Conv2D(widths[2], 1, name=f"{name}_4")(x)
    return layers.ReLU()(x)


def nin_cifar10() -> keras.Model:
    """nin_cifar10 with fresh weights."""
    image = keras.Input((32, 32, 3), name="image")
    x = mlpconv(image, 5, 2, (192, 160, 96), name="mlpconv1")  # 32 x 32 x 96
    x = layers.MaxPooling2D(3, 2, padding="same")(x)  # 16 x 16 x 96
    x = layers.Dropout(0.5)(x)
    for n, (kernel, padding, widths) in enumerate(
        ((5, 2, (192, 192, 192)), (3, 1, (192, 192, 10))), start=1
    ):
        x = mlpconv(x, kernel, padding, widths, name=f"mlpconv{n + 1}")
        if n < 2:
            x = MaskedAveragePooling((3, 3), strides=(2, 2), padding=((0, 1), (0, 1)))(
                x
            )
            x = layers.Dropout(0.5)(x)
    logits = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, logits, name="nin_cifar10")


if __name__ == "__main__":
    nin_cifar10().summary()
