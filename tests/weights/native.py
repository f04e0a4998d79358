"""Small models that are written twice: as a spec, and by hand in Keras, with its channels last."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.backends import keras_models  # noqa: F401 - settings that must come before Keras
from tests.inline import model, spec

Shape = tuple[int, ...]


@dataclass
class Twins:
    """Statements of a spec, and the Keras tensor and the shape that each of them makes.

    ``called`` gives a layer its name from the id of its statement; None lets Keras name it.
    """

    called: Callable[[str], str | None]
    image: Shape = (3, 8, 8)
    statements: list[str] = field(default_factory=list)
    tensors: dict[str, Any] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)

    def __post_init__(self) -> None:
        import keras

        channels, *space = self.image
        self.tensors["image"] = self.start = keras.Input((*space, channels))
        self.shapes["image"] = self.image

    def add(self, text: str, shape: Shape, build: Callable[..., Any], *sources: str) -> str:
        """A statement; ``build`` makes its tensor, given a name and the tensors before it."""
        own = f"v{len(self.statements)}"
        told = f"from: {sources[0]}" if len(sources) == 1 else f"from: [{', '.join(sources)}]"
        self.statements.append(f"- {{{text}, id: {own}, {told}}}")
        self.tensors[own] = build(self.called(own), *(self.tensors[s] for s in sources))
        self.shapes[own] = shape
        return own

    def layer(self, text: str, shape: Shape, x: str, kind: str, *args: Any, **more: Any) -> str:
        """A statement that is one layer of Keras."""
        import keras

        make = getattr(keras.layers, kind)
        return self.add(text, shape, lambda name, t: make(*args, name=name, **more)(t), x)

    def finish(self, last: str) -> tuple[Any, Any]:
        """The model of the spec, and the one of Keras with weights that all differ."""
        import keras
        import numpy as np

        live = keras.Model(self.start, self.tensors[last])
        generator = np.random.default_rng(len(self.statements))
        for variable in live.variables:
            if "seed" not in variable.path:
                variable.assign(generator.random(variable.shape) + 0.1)
        shape = ", ".join(map(str, self.image))
        return model(spec("\n".join(self.statements) + "\n", image=f"[{shape}]")), live


class Draw:
    """Draws layers in any order that shapes allow."""

    def __init__(self, twins: Twins, generator: random.Random) -> None:
        self.twins = twins
        self.random = generator

    def model(self) -> str:
        """An image is flattened some time, and what comes of it ends in a linear layer."""
        x = "image"
        for _ in range(self.random.randrange(3)):
            x = self.random.choice([self.conv, self.norm, self.slopes, self.pool])(x)
        x = self.row(x)
        for _ in range(self.random.randrange(5)):
            ways = [self.norm, self.features, self.slopes, self.linear, self.beside, self.joined]
            x = self.random.choice([*ways, self.back, self.cells, self.part, self.summed])(x)
        return self.linear(x)

    def row(self, x: str) -> str:
        """An image as features, one way or another; what is none stays."""
        shape = self.twins.shapes[x]
        if len(shape) == 1:
            return x
        cells = shape[0] * shape[1] * shape[2]
        if self.random.random() < 0.5:
            return self.twins.layer("flatten: {}", (cells,), x, "Flatten")
        return self.twins.layer(f"reshape: [{cells}]", (cells,), x, "Reshape", (cells,))

    def conv(self, x: str) -> str:
        shape, out = self.twins.shapes[x], self.random.choice([2, 3, 4])
        text = f"conv: {{out: {out}, kernel: 3, padding: 1}}"
        return self.twins.layer(text, (out, *shape[1:]), x, "Conv2D", out, 3, padding="same")

    def pool(self, x: str) -> str:
        channels, height, width = self.twins.shapes[x]
        if min(height, width) < 4:
            return x
        shape = (channels, height // 2, width // 2)
        return self.twins.layer("max_pool: {kernel: 2}", shape, x, "MaxPooling2D", 2)

    def norm(self, x: str) -> str:
        shape = self.twins.shapes[x]
        return self.twins.layer("batch_norm: {eps: 1.0e-3}", shape, x, "BatchNormalization")

    def slopes(self, x: str) -> str:
        shape = self.twins.shapes[x]
        shared = [1, 2] if len(shape) == 3 else None
        return self.twins.layer("prelu: {}", shape, x, "PReLU", shared_axes=shared)

    def features(self, x: str) -> str:
        shape = self.twins.shapes[x]
        text = "layer_norm: {eps: 1.0e-3}"
        if self.random.random() < 0.2 and shape[0] % 2 == 0:
            text = "group_norm: {groups: 2, eps: 1.0e-3}"
            return self.twins.layer(text, shape, x, "GroupNormalization", 2)
        return self.twins.layer(text, shape, x, "LayerNormalization")

    def linear(self, x: str, out: int | None = None) -> str:
        out = out or self.random.choice([5, 8, 12])
        return self.twins.layer(f"linear: {out}", (out,), x, "Dense", out)

    def beside(self, x: str) -> str:
        """Next to the image, flattened again."""
        return self.concat(x, self.row(self.random.choice([self.conv, self.pool])("image")))

    def joined(self, x: str) -> str:
        return self.concat(*self.random.sample([x, self.linear(x)], 2))

    def concat(self, *parts: str) -> str:
        import keras

        size = sum(self.twins.shapes[part][0] for part in parts)
        join = keras.layers.Concatenate
        return self.twins.add("concat: {}", (size,), lambda n, *xs: join(name=n)(xs), *parts)

    def summed(self, x: str) -> str:
        import keras

        other = self.linear(x, self.twins.shapes[x][0])
        if self.random.random() < 0.3:
            other = self.norm(other)
        add = keras.layers.Add
        return self.twins.add(
            "add: {}", self.twins.shapes[x], lambda n, *xs: add(name=n)(xs), x, other
        )

    def back(self, x: str) -> str:
        """Features as an image, which a convolution reads, and a row again."""
        channels, side = self.random.choice([(2, 2), (3, 2), (2, 3)])
        y = self.linear(x, channels * side**2)
        if self.random.random() < 0.5:
            y = self.random.choice([self.norm, self.slopes])(y)
        shape = (channels, side, side)
        text = f"reshape: [{channels}, {side}, {side}]"
        y = self.twins.layer(text, shape, y, "Reshape", (side, side, channels))
        if self.random.random() < 0.7:
            y = self.random.choice([self.conv, self.norm])(y)
        return self.row(y)

    def cells(self, x: str) -> str:
        """Features as the channels of one cell."""
        (size,) = self.twins.shapes[x]
        y = self.twins.layer(f"reshape: [{size}, 1, 1]", (size, 1, 1), x, "Reshape", (1, 1, size))
        return self.row(self.random.choice([self.conv, self.norm])(y))

    def part(self, x: str) -> str:
        (size,) = self.twins.shapes[x]
        if size < 2:
            return x
        stop = self.random.randrange(1, size)
        text = f"slice: {{stop: {stop}}}"
        return self.twins.add(text, (stop,), lambda _, t: t[:, :stop], x)


def drawn(seed: int, called: Callable[[str], str | None]) -> tuple[Any, Any]:
    """A model as a spec and in Keras, the same for the same seed."""
    import keras

    keras.backend.clear_session(free_memory=False)
    twins = Twins(called)
    return twins.finish(Draw(twins, random.Random(seed)).model())  # noqa: S311 - no secret
