"""vit_b_16: an image is worth 16x16 words, transformers for image recognition
(Dosovitskiy et al., 2020).

https://arxiv.org/abs/2010.11929

Input    image    (N, 224, 224, 3)
Output   logits   (N, 1000)
Size     86,567,656 parameters, 17.56 G MACs a sample

Written by graphcnn 0.1.0 from vit.yaml (vit_b_16).
It needs Keras 3 and nothing else.
"""

from typing import Any

import keras
from keras import KerasTensor, initializers, layers, ops

__all__ = ["encoder_layer", "vit_b_16"]


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


def encoder_layer(x: KerasTensor, *, name: str) -> KerasTensor:
    """Tokens look at each other, then each is worked on by itself."""
    y = layers.LayerNormalization(epsilon=1e-6, name=f"{name}_ln_1")(x)
    y = layers.MultiHeadAttention(12, 64, name=f"{name}_self_attention")(y, y)
    x = layers.Add()([y, x])
    y = layers.LayerNormalization(epsilon=1e-6, name=f"{name}_ln_2")(x)
    y = layers.Dense(3072, name=f"{name}_mlp_0")(y)
    y = layers.Activation("gelu")(y)
    y = layers.Dense(768, name=f"{name}_mlp_3")(y)
    return layers.Add()([y, x])


def vit_b_16(classes: int = 1000) -> keras.Model:
    """vit_b_16 with fresh weights."""
    image = keras.Input((224, 224, 3), name="image")
    x = layers.Conv2D(768, 16, 16, name="conv_proj")(image)  # 14 x 14 x 768
    patches = layers.Reshape((196, 768))(x)
    x = LearnedTensor((1, 768), name="class_token")(image)  # 1 x 768
    tokens = layers.Concatenate(axis=1)([x, patches])  # 197 x 768
    x = LearnedTensor(
        (197, 768),
        initializer=initializers.RandomNormal(stddev=0.02),
        name="encoder_pos_embedding",
    )(image)
    x = layers.Add()([tokens, x])
    for n in range(12):
        x = encoder_layer(x, name=f"encoder_layers_encoder_layer_{n}")
    x = layers.LayerNormalization(epsilon=1e-6, name="encoder_ln")(x)
    x = x[:, 0]
    logits = layers.Dense(classes, name="heads_head")(x)
    model = keras.Model(image, logits, name="vit_b_16")
    for layer in model.layers:
        if layer.name == "heads_head":
            fresh = initializers.Zeros()
            layer.kernel.assign(fresh(layer.kernel.shape))
        elif isinstance(layer, layers.Conv2D):
            fresh = initializers.VarianceScaling(1.0, "fan_in", "untruncated_normal")
            layer.kernel.assign(fresh(layer.kernel.shape))
        elif isinstance(layer, layers.Dense) and layer.use_bias:
            layer.bias.assign(initializers.RandomNormal(stddev=1e-06)(layer.bias.shape))
    return model


if __name__ == "__main__":
    vit_b_16().summary()
