"""The Keras backend: functional Keras 3 code that reads as if it had been typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphcnn.backends import Array, Device, Format, Runner, Step, Support
    from graphcnn.model import CompiledModel
    from graphcnn.ops.base import Op
    from graphcnn.ops.declared import Declared
    from graphcnn.weights import Weights


class Keras:
    """Emits Python text; nothing here imports Keras itself."""

    name = "keras"
    suffix = ".py"

    def support(self, op: Op | type[Op]) -> Support:
        """Whether Keras has an op, or the emitted file makes it from others."""
        from graphcnn.backends.keras.lowering import support

        return support(op)

    def emit(self, model: CompiledModel) -> str:
        """The text of the file.

        Raises:
            SpecError: an op, a size or a name that a Keras file cannot have.
        """
        from graphcnn import __version__
        from graphcnn.backends.keras.emit import emit

        return emit(model, __version__)

    def obstacle(self, device: Device) -> str | None:
        """Keras, or something for it to run on, that is not installed, or finds no GPU."""
        from graphcnn.backends.keras.engine import obstacle

        return obstacle(device)

    def runner(self, model: CompiledModel, weights: Weights, device: Device) -> Runner:
        """The live model with these weights; see :class:`graphcnn.backends.Runnable`."""
        from graphcnn.backends.keras.run import KerasRunner

        return KerasRunner(model, weights, device)

    def fresh(self, model: CompiledModel, seed: int, names: Sequence[str]) -> Mapping[str, Array]:
        """What a fresh model holds; see :class:`graphcnn.backends.Startable`."""
        from graphcnn.backends.keras.run import fresh

        return fresh(model, seed, names)

    def declared(
        self, op: Declared, inputs: Sequence[Array], weights: Mapping[str, Array]
    ) -> tuple[Array, ...] | None:
        """What the class computes that the declaration names for Keras."""
        from graphcnn.backends.keras.run import declared

        return declared(op, inputs, weights)

    def step(
        self,
        model: CompiledModel,
        weights: Weights,
        inputs: Mapping[str, Array],
        targets: Mapping[str, Array],
        device: Device,
    ) -> Step:
        """One pass of training; see :class:`graphcnn.backends.Trainable`."""
        from graphcnn.backends.keras.run import step

        return step(model, weights, inputs, targets, device)

    def formats(self) -> list[Format]:
        """Weights alone, with their model, and as Keras 2 had them, which are only read."""
        from graphcnn.backends import Format
        from graphcnn.backends.keras.checkpoint import read_archive, read_h5, write
        from graphcnn.backends.keras.slots import keras_slots

        return [
            Format(".weights.h5", read_h5, keras_slots, write),
            Format(".keras", read_archive, keras_slots, write),
            Format(".h5", read_h5, keras_slots, None),
        ]


backend = Keras()
