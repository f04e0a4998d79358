"""reuse_in_loops: layers that are used again in loops, under conditions,
and in scopes around nothing else.

Input    image    (N, 8, 8, 3)
Output   output   (N, 8, 8, 3)
Size     480 parameters, 128.4 K MACs a sample

Written by graphcnn 0.1.0 from reuse_in_loops.yaml.
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, layers

__all__ = [
    "pairs",
    "pairs2",
    "pairs3",
    "refine",
    "reuse_in_loops",
    "scopes",
    "twice",
    "twice2",
    "unit",
]


def unit(x: KerasTensor, *, name: str) -> KerasTensor:
    x = layers.Conv2D(3, 1, name=f"{name}_c")(x)
    return layers.ReLU()(x)


def twice(x: KerasTensor, *, name: str) -> KerasTensor:
    return layers.Conv2D(3, 1, name=f"{name}_c")(x)


def twice2(x: KerasTensor, *, name: str) -> KerasTensor:
    c_layer = layers.Conv2D(3, 1, name=f"{name}_c")
    x = c_layer(x)
    return c_layer(x)


def refine(
    x: KerasTensor, depth: int, times: int = 2, again: bool = True, *, name: str
) -> KerasTensor:
    step_layer = layers.Conv2D(3, 3, padding="same", name=f"{name}_step")
    x = step_layer(x)
    for _ in range(depth):
        x = layers.ReLU()(x)
        x = step_layer(x)
    for _ in range(times):
        x = step_layer(x)
    if again:
        x = step_layer(x)
    return x


def scopes(x: KerasTensor, *, name: str) -> KerasTensor:
    x = layers.Conv2D(3, 1, name=f"{name}_first_0")(x)
    first = layers.ReLU()(x)
    c_layer = layers.Conv2D(3, 1, name=f"{name}_c")
    x = c_layer(first)
    x = layers.Activation("tanh")(x)
    x = c_layer(x)
    return twice2(x, name=f"{name}_inner")


def pairs(x: KerasTensor, *, name: str) -> KerasTensor:
    u0_input = keras.Input((8, 8, 3))
    u0_model = keras.Model(
        u0_input, unit(u0_input, name=f"{name}_u0"), name=f"{name}_u0"
    )
    x = u0_model(x)
    x = layers.Activation("tanh")(x)
    u1_input = keras.Input((8, 8, 3))
    u1_model = keras.Model(
        u1_input, unit(u1_input, name=f"{name}_u1"), name=f"{name}_u1"
    )
    x = u1_model(x)
    x = layers.Activation("tanh")(x)
    x = u0_model(x)
    x = layers.Activation("tanh")(x)
    x = u1_model(x)
    x = layers.Activation("tanh")(x)
    last_input = keras.Input((8, 8, 3))
    last_model = keras.Model(
        last_input, unit(last_input, name=f"{name}_last"), name=f"{name}_last"
    )
    x = last_model(x)
    x = layers.Activation("tanh")(x)
    return last_model(x)


def pairs2(x: KerasTensor, *, name: str) -> KerasTensor:
    u0_input = keras.Input((8, 8, 3))
    u0_model = keras.Model(
        u0_input, unit(u0_input, name=f"{name}_u0"), name=f"{name}_u0"
    )
    x = u0_model(x)
    x = layers.Activation("tanh")(x)
    u1_input = keras.Input((8, 8, 3))
    u1_model = keras.Model(
        u1_input, unit(u1_input, name=f"{name}_u1"), name=f"{name}_u1"
    )
    x = u1_model(x)
    x = layers.Activation("tanh")(x)
    u2_input = keras.Input((8, 8, 3))
    u2_model = keras.Model(
        u2_input, unit(u2_input, name=f"{name}_u2"), name=f"{name}_u2"
    )
    x = u2_model(x)
    x = layers.Activation("tanh")(x)
    x = u0_model(x)
    x = layers.Activation("tanh")(x)
    x = u1_model(x)
    x = layers.Activation("tanh")(x)
    x = u2_model(x)
    x = layers.Activation("tanh")(x)
    last_input = keras.Input((8, 8, 3))
    last_model = keras.Model(
        last_input, unit(last_input, name=f"{name}_last"), name=f"{name}_last"
    )
    x = last_model(x)
    x = layers.Activation("tanh")(x)
    return last_model(x)


def pairs3(x: KerasTensor, *, name: str) -> KerasTensor:
    u0_input = keras.Input((8, 8, 3))
    u0_model = keras.Model(
        u0_input, unit(u0_input, name=f"{name}_u0"), name=f"{name}_u0"
    )
    x = u0_model(x)
    x = layers.Activation("tanh")(x)
    u1_input = keras.Input((8, 8, 3))
    u1_model = keras.Model(
        u1_input, unit(u1_input, name=f"{name}_u1"), name=f"{name}_u1"
    )
    x = u1_model(x)
    x = layers.Activation("tanh")(x)
    x = u0_model(x)
    x = layers.Activation("tanh")(x)
    x = u1_model(x)
    x = layers.Activation("tanh")(x)
    return layers.Activation("tanh")(x)


def reuse_in_loops() -> keras.Model:
    """reuse_in_loops with fresh weights."""
    image = keras.Input((8, 8, 3), name="image")
    c0_layer = layers.Conv2D(3, 1, name="c0")
    x = c0_layer(image)  # 8 x 8 x 3
    x = layers.ReLU()(x)
    c1_layer = layers.Conv2D(3, 1, name="c1")
    x = c1_layer(x)
    x = layers.ReLU()(x)
    c2_layer = layers.Conv2D(3, 1, name="c2")
    x = c2_layer(x)
    x = layers.ReLU()(x)
    x = c0_layer(x)
    x = layers.ReLU()(x)
    x = c1_layer(x)
    x = layers.ReLU()(x)
    x = c2_layer(x)
    x = layers.ReLU()(x)
    for _ in range(3):
        x = c1_layer(x)
    u0_input = keras.Input((8, 8, 3))
    u0_model = keras.Model(u0_input, unit(u0_input, name="u0"), name="u0")
    x = u0_model(x)
    x = layers.Activation("tanh")(x)
    u01 = u0_model(x)
    u1_input = keras.Input((8, 8, 3))
    u1_model = keras.Model(u1_input, unit(u1_input, name="u1"), name="u1")
    x = u1_model(u01)
    x = layers.Activation("tanh")(x)
    x = u1_model(x)
    x = u1_model(x)
    for _ in range(3):
        x = layers.Activation("tanh")(x)
        x = u0_model(x)
    x = layers.Activation("tanh")(x)
    x = c0_layer(x)
    x = layers.Activation("tanh")(x)
    inner = u0_model(x)
    x = layers.Activation("tanh")(inner)
    one = u0_model(x)
    x = c2_layer(inner)
    x = layers.Add()([one, x])
    x = twice(x, name="twice1")
    x = twice2(x, name="twice2")
    x = refine(x, 2, name="refine1")
    x = refine(x, 3, times=3, name="refine2")
    refine3 = refine(x, 2, again=False, name="refine3")
    s_input = keras.Input((8, 8, 3))
    s_model = keras.Model(s_input, scopes(s_input, name="s"), name="s")
    x = s_model(refine3)
    x = s_model(x)
    x = pairs(x, name="pairs1")
    x = pairs2(x, name="pairs2")
    output = pairs3(x, name="pairs3")
    return keras.Model(image, output, name="reuse_in_loops")


if __name__ == "__main__":
    reuse_in_loops().summary()
