"""Parameters of a file that can stay arguments of the emitted builder: widths of layers.

Padding of pools depends on the sizes of what they pool, so that a parameter which may change a
size is written as a number here, where PyTorch's modules look at their input.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphcnn.backends.keras.initial import LOCALS
from graphcnn.backends.keras.refuse import WORDS
from graphcnn.backends.keras.spelling import TAKEN
from graphcnn.backends.python.opened import Opened, elaborated, open_parameters
from graphcnn.expression import Name
from graphcnn.model import CompiledModel
from graphcnn.program import OpUse
from graphcnn.program.tree import walk


def open_widths(model: CompiledModel) -> Opened:
    """The parameters that stay open, and the model with each of them changed."""
    taken = LOCALS if "init" in model.program.root.entries else frozenset[str]()
    found = open_parameters(model, WORDS | TAKEN | taken)
    widths = set(_widths(model))
    kept = {name: value for name, value in found.parameters.items() if name in widths}
    if len(kept) == len(found.parameters):
        return found
    other = elaborated(model, kept) if kept else None
    return Opened(kept, other) if other is not None else Opened()


def _widths(model: CompiledModel) -> Iterator[str]:
    """Parameters that are read as the number of a layer's outputs, and as nothing else."""
    program = model.program
    bodies = [program.body or (), *(block.body for block in program.blocks.values())]
    readers: dict[str, set[str]] = {}
    for body in bodies:
        for statement in walk(body):
            attributes = statement.action.attributes if isinstance(statement.action, OpUse) else {}
            for attribute, term in attributes.items():
                if isinstance(term.value, Name):
                    readers.setdefault(term.value.name, set()).add(attribute)
    yield from (name for name, attributes in readers.items() if attributes == {"out"})
