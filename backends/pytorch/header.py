"""What an emitted file says about itself, and what its class and function are called."""

from __future__ import annotations

import re
from typing import ClassVar

from graphcnn.backends.python import header
from graphcnn.backends.python.text import camel
from graphcnn.backends.pytorch.reserved import safe


class Header(header.Header):
    """The names and the docstring of one model's file."""

    framework: ClassVar[str] = "PyTorch"
    training: ClassVar[str] = "in training mode"

    @property
    def function(self) -> str:
        """The function that builds the model, called after its variant."""
        return safe(self.model.name)

    def class_name(self) -> str:
        """The class of the whole model: its title, or its name in capitals."""
        title = re.sub(r"\W", "", self.model.program.title or "", flags=re.ASCII)
        name = title if title.isidentifier() else camel(self.model.program.name)
        return f"{name}Model" if name == self.function else name
