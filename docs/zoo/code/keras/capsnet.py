"""CapsNet: dynamic routing between capsules (Sabour et al., 2017).

https://arxiv.org/abs/1710.09829

Input    image            (N, 28, 28, 1)
Input    target           (N, 10)
Output   probabilities    (N, 10)
Output   reconstruction   (N, 28, 28, 1)
Size     8,215,568 parameters, 202.3 M MACs a sample

Written by graphcnn 0.1.0 from capsnet.yaml (capsnet).
It needs Keras 3 and nothing else.
"""

from typing import Any

import keras
from keras import KerasTensor, initializers, layers, ops

__all__ = [
    "agreement",
    "capsnet",
    "length",
    "primary_capsules",
    "routed",
    "squash",
    "votes",
]


@keras.saving.register_keras_serializable()
class LearnedTensor(layers.Layer):
    """A trained tensor, the same for every sample of the batch that it is called with."""

    def __init__(
        self, shape: tuple[int, ...], initializer: Any = "zeros", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.shape = tuple(shape)
        self.initializer = keras.initializers.get(initializer)
        self.value = self.add_weight(
            shape=self.shape, initializer=self.initializer, name="value"
        )

    def call(self, x: KerasTensor) -> KerasTensor:
        return ops.broadcast_to(self.value, (ops.shape(x)[0], *self.shape))

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        return (input_shape[0], *self.shape)

    def get_config(self) -> dict[str, Any]:
        initializer = keras.initializers.serialize(self.initializer)
        return {**super().get_config(), "shape": self.shape, "initializer": initializer}


def length(x: KerasTensor) -> KerasTensor:
    """The length of each vector."""
    y = layers.UnitNormalization()(x)
    x = layers.Multiply()([y, x])
    return ops.sum(x, axis=-1, keepdims=True)


def squash(x: KerasTensor) -> KerasTensor:
    """Keeps the direction of vectors,
    and makes their length n that of n² / (1 + n²).
    """
    x = ops.pad(x, ((0, 0), (0, 0), (0, 1)), constant_values=1.0)
    x = layers.UnitNormalization()(x)
    direction = x[:, :, :-1]
    x = length(direction)
    return layers.Multiply()([direction, x])


def primary_capsules(x: KerasTensor, *, name: str) -> KerasTensor:
    """A convolution, whose channels at each place are cut into capsules."""
    x = layers.Conv2D(256, 9, 2, name=f"{name}_conv")(x)
    x = layers.Permute((3, 1, 2))(x)
    x = layers.Reshape((32, 8, 36))(x)
    x = layers.Permute((1, 3, 2))(x)
    x = layers.Reshape((1152, 8))(x)
    return squash(x)


def votes(x: KerasTensor, *, name: str) -> KerasTensor:
    """What each capsule predicts of each digit."""
    weight = LearnedTensor(
        (1152, 160, 8),
        initializer=initializers.RandomNormal(stddev=0.1),
        name=f"{name}_weight",
    )(x)
    x = layers.Reshape((1152, 8, 1))(x)
    x = ops.matmul(weight, x)
    return layers.Reshape((1152, 10, 16))(x)


def agreement(votes: KerasTensor, digits: KerasTensor) -> KerasTensor:
    """The product of each vote with the digit that it is for."""
    x = layers.Reshape((1, 10, 16))(digits)
    x = layers.Multiply()([votes, x])
    return ops.sum(x, axis=-1)


def routed(votes: KerasTensor, logits: KerasTensor) -> KerasTensor:
    """The digits, if votes count as their logits say."""
    x = layers.Softmax()(logits)
    x = layers.Reshape((1152, 10, 1))(x)
    x = layers.Multiply()([votes, x])
    x = ops.sum(x, axis=1)
    return squash(x)


def capsnet() -> keras.Model:
    """CapsNet with fresh weights."""
    image = keras.Input((28, 28, 1), name="image")
    target = keras.Input((10,), name="target")
    x = layers.Conv2D(256, 9, name="conv1")(image)  # 20 x 20 x 256
    x = layers.ReLU()(x)
    x = primary_capsules(x, name="primary_capsules")  # 1152 x 8
    votes_ = votes(x, name="votes")  # 1152 x 10 x 16
    x = ops.sum(votes_, axis=1)  # 10 x 16
    x = layers.Rescaling(0.1)(x)
    x = squash(x)
    logits1 = agreement(votes_, x)  # 1152 x 10
    x = routed(votes_, logits1)  # 10 x 16
    x = agreement(votes_, x)  # 1152 x 10
    x = layers.Add()([x, logits1])
    digits2 = routed(votes_, x)  # 10 x 16
    x = length(digits2)  # 10 x 1
    probabilities = layers.Flatten()(x)
    x = layers.Reshape((10, 1))(target)
    x = layers.Multiply()([digits2, x])  # 10 x 16
    x = layers.Flatten()(x)
    x = layers.Dense(512, name="decoder_0")(x)
    x = layers.ReLU()(x)
    x = layers.Dense(1024, name="decoder_2")(x)
    x = layers.ReLU()(x)
    x = layers.Dense(784, name="decoder_4")(x)
    x = layers.Activation("sigmoid")(x)
    reconstruction = layers.Reshape((28, 28, 1))(x)
    outputs = {"probabilities": probabilities, "reconstruction": reconstruction}
    return keras.Model([image, target], outputs, name="capsnet")


if __name__ == "__main__":
    capsnet().summary()
