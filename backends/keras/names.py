"""Names of layers as text: ``"conv1"``, ``f"{name}_conv1"``, ``f"layer{stage + 1}_{i}"``.

A layer has the canonical name of its node with `_` for each dot, as Keras' own models have it: the
PyTorch backend of Keras takes no dots.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from graphcnn.backends.keras.place import Place
from graphcnn.backends.python.printer import Text
from graphcnn.backends.python.unit import Mismatch
from graphcnn.ir import Node
from graphcnn.ops.declared import Declared


def keras_name(name: str) -> str:
    """The name of the layer that stands for a node."""
    return name.replace(".", "_")


def is_named(node: Node) -> bool:
    """Whether a node's layer is called after it, which Keras does with the others itself.

    The name that it would give to an author's class can be that of another layer.
    """
    return bool(node.facts.weights) or isinstance(node.op, Declared)


_PIECES = re.compile(r"\d+|\D+")


Conditions = Sequence[tuple[str, Sequence[bool]]]


def name_text(
    names: Sequence[str], prefixes: Sequence[str], place: Place, conditions: Conditions = ()
) -> Text:
    """The expression that gives each case its name; ``prefixes`` is the `name` of each use.

    ``conditions`` say when optional statements are there, which numbers may count.
    """
    rests = []
    for owner, name in zip(place.owners, names, strict=True):
        prefix = prefixes[owner]
        if prefix and not (name == prefix or name.startswith(f"{prefix}.")):
            raise Mismatch
        rests.append(name[len(prefix) :])
    begins = "{name}" if any(prefixes) else ""
    if begins and not any(rests):
        return Text("name")
    pieces = _pieces(rests, place, conditions)
    if begins or any(piece.startswith("{") for piece in pieces):
        return Text('f"' + begins + "".join(pieces) + '"')
    return Text('"' + "".join(pieces) + '"')


def _pieces(rests: list[str], place: Place, conditions: Conditions) -> list[str]:
    if all(rest == rests[0] for rest in rests):
        return [keras_name(rests[0])]
    parts = [_PIECES.findall(rest) for rest in rests]
    if len({len(part) for part in parts}) > 1:
        raise Mismatch
    found = []
    for k in range(len(parts[0])):
        column = [part[k] for part in parts]
        if all(text == column[0] for text in column):
            found.append(keras_name(column[0]))
            continue
        if not all(text.isdecimal() and (text == "0" or text[0] != "0") for text in column):
            raise Mismatch
        numbers = [int(text) for text in column]
        if place.inside is None:
            text = place.pooled(numbers) or place.numbers(numbers, conditions)
        else:
            text = place.value(numbers, None, "first")
        found.append(f"{{{text}}}")
    return found
