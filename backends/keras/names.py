"""Names of layers as text: ``"conv1"``, ``f"{name}_conv1"``, ``f"layer{stage + 1}_{i}"``.

A layer has the canonical name of its node with `_` for each dot, as Keras' own models have it: the
PyTorch backend of Keras takes no dots.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import chain, count

from graphcnn.backends.keras.place import Place
from graphcnn.backends.keras.reading import NAMES, OTHER
from graphcnn.backends.python.copied import helpers
from graphcnn.backends.python.printer import Text
from graphcnn.backends.python.unit import Mismatch
from graphcnn.ir import Graph, Node
from graphcnn.ops.convolution import SeparableConv
from graphcnn.ops.declared import Declared

#: layers and functions of Keras that it names itself: `re_lu`, `re_lu_1`
_GENERATED = """
    activation add average concatenate dropout elu flatten functional gelu get_item
    group_normalization identity input_layer layer_normalization leaky_re_lu log_softmax matmul max
    maximum mean multiply negative pad permute re_lu rescaling reshape softmax split subtract sum
    swapaxes tile unit_normalization
"""
_WINDOWS = (
    r"((adaptive_|global_)?(average|max)_pooling|cropping|spatial_dropout|up_sampling|"
    r"zero_padding)[123]d"
)


def keras_name(name: str) -> str:
    """A name of a layer, or of a scope of layers, as Keras has it."""
    return name.replace(".", "_")


def is_named(node: Node) -> bool:
    """Whether a node's layer is called after it, which Keras does with the others itself.

    The name that it would give to an author's class can be that of another layer.
    """
    return bool(node.facts.weights) or isinstance(node.op, Declared)


def parts_of(node: Node) -> tuple[str, ...]:
    """What the names of a node's layers have behind that of the node."""
    return (".depthwise", ".pointwise") if isinstance(node.op, SeparableConv) else ("",)


@cache
def _of_keras() -> re.Pattern[str]:
    layers = [name for name, text in helpers(__package__).items() if f"class {name}(" in text]
    own = [_snake_case(name) for name in layers]
    reading = [rf"{_snake_case(name)}\d*" for name in sorted({*NAMES.values(), OTHER})]
    names = "|".join([*_GENERATED.split(), *own, *reading, _WINDOWS])
    return re.compile(rf"({names})(_\d+)?")


def _snake_case(name: str) -> str:
    """What Keras calls a layer of this class."""
    return re.sub(r"(?<=[a-z\d])(?=[A-Z])", "_", name).lower()


def is_generated(name: str) -> bool:
    """Whether Keras may give a layer this name by itself."""
    return _of_keras().fullmatch(name) is not None


def layer_names(graph: Graph) -> dict[Node, str]:
    """What each node with layers of its own is called in Keras, with the dots of its name.

    It is the node's name, unless a layer of that name is there: one of which the author wrote the
    whole name goes before one that has something behind it, as a separable convolution's have, and
    then the one that comes first. The other has `_layer` behind its name.
    """
    taken = set(graph.inputs)
    found: dict[Node, str] = {}
    named = [node for node in graph.nodes if node.owner is None and is_named(node)]
    for node in sorted(named, key=lambda node: len(parts_of(node))):
        for end in chain(("", "_layer"), (f"_layer{n}" for n in count(2))):
            name = node.name + end
            own = [keras_name(name + part) for part in parts_of(node)]
            if not any(one in taken or is_generated(one) for one in own):
                taken.update(own)
                found[node] = name
                break
    return found


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
