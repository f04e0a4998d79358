"""The PyTorch backend: a file of `nn.Module` classes that reads as if it had been typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphcnn.backends import Array, Device, Format, Runner, Step, Support
    from graphcnn.model import CompiledModel
    from graphcnn.ops.base import Op
    from graphcnn.ops.declared import Declared
    from graphcnn.weights import Weights


class PyTorch:
    """Emits Python text; nothing here imports PyTorch itself."""

    name = "pytorch"
    suffix = ".py"

    def support(self, op: Op | type[Op]) -> Support:
        """Whether PyTorch has an op, or the emitted file makes it from others."""
        from graphcnn.backends.pytorch.lowering import support

        return support(op)

    def emit(self, model: CompiledModel) -> str:
        """The text of the file.

        Raises:
            SpecError: an op, a size or a name that a PyTorch file cannot have.
        """
        from graphcnn import __version__
        from graphcnn.backends.pytorch.emit import emit

        return emit(model, __version__)

    def obstacle(self, device: Device) -> str | None:
        """PyTorch where it is not installed, or finds no GPU."""
        from importlib.util import find_spec

        if not find_spec("torch"):
            return "torch is not installed"
        from graphcnn.backends.pytorch.run import obstacle

        return obstacle(device)

    def runner(self, model: CompiledModel, weights: Weights, device: Device) -> Runner:
        """The live module with these weights; see :class:`graphcnn.backends.Runnable`."""
        from graphcnn.backends.pytorch.run import TorchRunner

        return TorchRunner(model, weights, device)

    def fresh(self, model: CompiledModel, seed: int, names: Sequence[str]) -> Mapping[str, Array]:
        """What a fresh module holds; see :class:`graphcnn.backends.Startable`."""
        from graphcnn.backends.pytorch.run import fresh

        return fresh(model, seed, names)

    def declared(
        self, op: Declared, inputs: Sequence[Array], weights: Mapping[str, Array]
    ) -> tuple[Array, ...] | None:
        """What the class computes that the declaration names for PyTorch."""
        from graphcnn.backends.pytorch.run import declared

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
        from graphcnn.backends.pytorch.run import step

        return step(model, weights, inputs, targets, device)

    def formats(self) -> list[Format]:
        """Checkpoints, under each of their names; two are also written."""
        from graphcnn.backends import Format
        from graphcnn.backends.pytorch.checkpoint import read, write
        from graphcnn.weights.slots import canonical_slots

        written = {".pt": write, ".pth": write}
        suffixes = (*written, ".ckpt", ".pth.tar", ".bin")
        return [Format(s, read, canonical_slots, written.get(s), whole=True) for s in suffixes]


backend = PyTorch()
