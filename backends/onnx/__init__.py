"""The ONNX backend: a model file that a runtime loads as it is, weights and all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphcnn.backends import Array, Device, File, Format, Runner, Support
    from graphcnn.model import CompiledModel
    from graphcnn.ops.base import Op
    from graphcnn.weights import Weights


@dataclass(frozen=True)
class Onnx:
    """Emits the graph as it is in inference; nothing here imports a framework.

    Without an ``opset`` a file is of the usual one, or of the first that has all its operators.
    """

    opset: int | None = None
    name = "onnx"
    suffix = ".onnx"

    def at_opset(self, opset: int) -> Onnx:
        """The same, for files of this opset.

        Raises:
            UsageError: it is older or newer than those that can be written.
        """
        from graphcnn.backends.onnx.opset import checked

        return Onnx(checked(opset))

    def remark(self, model: CompiledModel) -> str | None:
        """Why the file of a model is of a newer opset than usual, where it is."""
        from graphcnn.backends.onnx.assemble import assemble
        from graphcnn.backends.onnx.opset import DEFAULT

        made = assemble(model.ir, self.opset)
        if made.newest is None:
            return None
        return (
            f"the file is of opset {made.opset}, not {DEFAULT}: `{made.newest.op.name}` "
            f"({made.newest.span}) is in no opset before"
        )

    def support(self, op: Op | type[Op]) -> Support:
        """Whether ONNX has an op, or the emitted graph makes it from others."""
        from graphcnn.backends.onnx.lowering import support

        return support(op)

    def emit(self, model: CompiledModel) -> bytes:
        """The file with fresh weights.

        Raises:
            SpecError: an op, a size or a name that an ONNX file cannot have.
            UsageError: the weights exceed what one file can hold.
        """
        from graphcnn.weights import fresh

        (file,) = self.files(model, lambda: fresh(model), "-")
        return b"".join(file.chunks)

    def files(
        self, model: CompiledModel, weights: Callable[[], Weights], name: str
    ) -> Iterator[File]:
        """The file called ``name``, after that of its weights where they exceed 2 GB.

        Raises:
            SpecError: as for :meth:`emit`.
            UsageError: onnx is not installed, or there is no place for a second file.
        """
        from graphcnn import __version__
        from graphcnn.backends.onnx.emit import files

        return files(model, weights, name, __version__, self.opset)

    def obstacle(self, device: Device) -> str | None:
        """Onnx or onnxruntime where it is not installed, or was built without CUDA."""
        from importlib.util import find_spec

        for name in ("onnx", "onnxruntime"):
            if not find_spec(name):
                return f"{name} is not installed"
        from graphcnn.backends.onnx.run import obstacle

        return obstacle(device)

    def runner(self, model: CompiledModel, weights: Weights, device: Device) -> Runner:
        """The file under onnxruntime; see :class:`graphcnn.backends.Runnable`."""
        from graphcnn.backends.onnx.run import OnnxRunner

        return OnnxRunner(model, weights, device)

    def fresh(self, model: CompiledModel, seed: int, names: Sequence[str]) -> Mapping[str, Array]:
        """What a file without weights of its own holds; see `graphcnn.backends.Startable`."""
        from graphcnn.backends.onnx.run import fresh

        return fresh(model, seed, names)

    def formats(self) -> list[Format]:
        """The model files themselves, which hold the weights."""
        from graphcnn.backends import Format
        from graphcnn.backends.onnx.checkpoint import read
        from graphcnn.weights.slots import canonical_slots

        def write(model: CompiledModel, weights: Weights, name: str) -> Iterator[File]:
            return self.files(model, lambda: weights, name)

        return [Format(".onnx", read, canonical_slots, write)]


backend = Onnx()
