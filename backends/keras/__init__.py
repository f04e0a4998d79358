"""The Keras backend: functional Keras 3 code that reads as if it had been typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphcnn.backends import Support
    from graphcnn.model import CompiledModel
    from graphcnn.ops.base import Op


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


backend = Keras()
