"""What an emitted file says about itself, its shapes channels last."""

from __future__ import annotations

from typing import Any, ClassVar

from graphcnn.backends.keras.arrange import boundary
from graphcnn.backends.python import header
from graphcnn.ir import Value


class Header(header.Header):
    """The docstring of one model's file."""

    framework: ClassVar[str] = "Keras 3"
    training: ClassVar[str] = "with `training_outputs`"

    def sizes(self, value: Value) -> tuple[Any, ...]:
        return tuple(boundary(value).ordered(value.shape or ()))
