"""shared_heads

Input    image    (N, 64, 64, 3)
Output   scores   (N, 5, 774)
Output   boxes    (N, 4, 774)
Size     13,729 parameters, 1.003 M MACs a sample

Written by graphcnn 0.1.0 from shared_heads.yaml.
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, layers

__all__ = ["head", "shared_heads", "tower"]


class Shared:
    """Layers by name: of those that are called alike it hands out the first."""

    def __init__(self) -> None:
        self.layers: dict[str, layers.Layer] = {}

    def __call__(self, layer: layers.Layer) -> layers.Layer:
        return self.layers.setdefault(layer.name, layer)


def tower(x: KerasTensor, out: int, *, name: str, shared: Shared) -> KerasTensor:
    for i in range(4):
        x = shared(layers.Conv2D(8, 3, padding="same", name=f"{name}_conv{i + 1}"))(x)
        x = layers.ReLU()(x)
    return shared(layers.Conv2D(out, 3, padding="same", name=f"{name}_predict"))(x)


def head(x: KerasTensor, each: int, *, name: str, shared: Shared) -> KerasTensor:
    x = tower(x, 9 * each, name=f"{name}_tower", shared=shared)
    return layers.Reshape((-1, each))(x)


def shared_heads() -> keras.Model:
    """shared_heads with fresh weights."""
    image = keras.Input((64, 64, 3), name="image")
    shared = Shared()
    x = layers.ZeroPadding2D(1)(image)
    x = layers.Conv2D(8, 3, 4, name="p2")(x)  # 16 x 16 x 8
    features = []
    for n in (3, 4, 5, 6, 7):
        x = layers.ZeroPadding2D(1)(x)
        x = layers.Conv2D(8, 3, 2, name=f"p{n}")(x)
        features.append(x)
    classify = head(features[0], 5, name="classify", shared=shared)  # 576 x 5
    regress = head(features[0], 4, name="regress", shared=shared)  # 576 x 4
    features2 = []
    features3 = []
    for n in (4, 5, 6, 7):
        features2.append(head(features[n - 3], 5, name="classify", shared=shared))
        x = head(features[n - 3], 4, name="regress", shared=shared)
        features3.append(x)
    scores = layers.Concatenate(axis=1)(
        [classify, features2[0], features2[1], features2[2], features2[3]]
    )
    boxes = layers.Concatenate(axis=1)(
        [regress, features3[0], features3[1], features3[2], x]
    )
    scores = layers.Permute((2, 1))(scores)
    boxes = layers.Permute((2, 1))(boxes)
    outputs = {"scores": scores, "boxes": boxes}
    return keras.Model(image, outputs, name="shared_heads")


if __name__ == "__main__":
    shared_heads().summary()
