"""The PyTorch backend: a file of `nn.Module` classes that reads as if it had been typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphcnn.backends import Support
    from graphcnn.model import CompiledModel
    from graphcnn.ops.base import Op


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


backend = PyTorch()
