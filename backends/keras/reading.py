"""Layers of the file for ops whose sizes are read where the model runs.

While a model is put together its tensors have no sizes to read, so that such an op stands in the
`call` of a layer, which is given the tensors that it reads.
"""

from __future__ import annotations

import builtins
import dataclasses
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.place import Place
from graphcnn.backends.keras.steps import Slot
from graphcnn.backends.python.code import Call, Input, Keyword, Slice, Subscript
from graphcnn.backends.python.identifiers import globals_read
from graphcnn.backends.python.printer import Printer, Text
from graphcnn.backends.python.reading import Reader, Seen

#: the first number of an input that is read for its sizes alone
_READ = 1000
_SHAPE = "ops.shape"
_READING = frozenset([_SHAPE, "edge_padded", "interpolated", "pooled_in_parts"])

#: what such a layer is called, by its op; a second one has a number behind it
NAMES = {
    "adaptive_avg_pool": "PartsPooling",
    "adaptive_max_pool": "PartsPooling",
    "crop": "Cropped",
    "flatten": "Reshaped",
    "pad": "Padded",
    "reshape": "Reshaped",
    "slice": "Sliced",
    "split": "Parts",
    "tile": "Tiled",
    "upsample": "Resized",
}
OTHER = "Sized"


def reader(
    place: Place, slots: Sequence[Slot], given: Sequence[Slot], names: dict[Slot, list[str]]
) -> tuple[Reader, list[Slot]]:
    """What reads sizes off tensors, and the list of those that are read."""
    read: list[Slot] = []

    def shape(one: Seen) -> Call:
        if one.source not in read:
            read.append(one.source)
        return Call(_SHAPE, (Input(_READ + read.index(one.source)),))

    def spatial(one: Seen) -> Any:
        last = None if one.source.layout is Layout.PLAIN else -1
        start = 2 if one.source.layout is Layout.PLAIN else 1
        return Subscript(shape(one), (Slice(start, last),))

    seen = [
        Seen(slot, shapes, slot.shape, tuple(names.get(slot, ())), slot in given)
        for slot in dict.fromkeys(slots)
        if (shapes := _shapes(slot, place)) is not None
    ]
    found = Reader(
        seen,
        lambda one, axis: Subscript(shape(one), (one.source.layout.place(axis, len(one.shape)),)),
        spatial,
        place.is_late,
    )
    return found, read


def _shapes(slot: Slot, place: Place) -> tuple[Any, ...] | None:
    values = [value for case in place.cases if (value := slot.value(case)) is not None]
    if len(values) < len(place.cases):
        return None
    return tuple(value.shape or () for value in values)


def reads(code: Any) -> bool:
    """Whether code reads sizes, itself or in a helper."""
    if isinstance(code, Call) and code.target in _READING:
        return True
    return any(map(reads, _parts(code)))


def _parts(code: Any) -> Iterator[Any]:
    if isinstance(code, tuple):
        yield from code
    elif dataclasses.is_dataclass(code) and not isinstance(code, type):
        yield from (getattr(code, f.name) for f in dataclasses.fields(code))


def _gathered(code: Any, number: Callable[[int], int]) -> Any:
    """Code with its inputs numbered anew."""
    if isinstance(code, Input):
        return Input(number(code.index))
    if isinstance(code, tuple):
        return tuple(_gathered(part, number) for part in code)
    if dataclasses.is_dataclass(code) and not isinstance(code, type):
        found = {f.name: _gathered(getattr(code, f.name), number) for f in dataclasses.fields(code)}
        return type(code)(**found)
    return code


@dataclass
class OpenLayers:
    """The layers of a file that read sizes; equal ones are one."""

    package: str
    unique: Callable[[str], str]
    known: Container[str]
    made: dict[tuple[str, str], str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def needed(self, text: str) -> list[str]:
        """The classes that a text calls."""
        names = globals_read(text)
        return [source for name, source in self.texts.items() if name in names]

    def layer(
        self, op: str, code: Any, sources: Sequence[Slot], read: Sequence[Slot]
    ) -> tuple[Call, tuple[Any, ...], list[Slot]]:
        """A layer that computes this code, what it is called with, and the tensors."""
        tensors: list[Slot] = []

        def number(index: int) -> int:
            slot = read[index - _READ] if index >= _READ else sources[index]
            if slot not in tensors:
                tensors.append(slot)
            return tensors.index(slot)

        code = _gathered(code, number)
        names = [*"xyz", *(f"x{n}" for n in range(3, len(tensors)))][: len(tensors)]
        text = Printer(names).text(code)
        taken = {*names, "keras", "layers", "ops", *dir(builtins)}
        handed = sorted(
            name for name in globals_read(text) if name not in taken and name not in self.known
        )
        returned = "tuple[KerasTensor, ...]" if isinstance(code, tuple) else "KerasTensor"
        name = self._named(op, text, names, handed, returned)
        fed = (*map(Input, range(len(tensors))), *(Keyword(one, Text(one)) for one in handed))
        return Call(name), fed, tensors

    def _package(self, text: str) -> str:
        """Where Keras finds the class again: models of one name may have others of its name."""
        return f"{self.package}_{crc32(text.encode()):08x}"

    def _named(self, op: str, text: str, names: list[str], handed: list[str], returned: str) -> str:
        key = (NAMES.get(op, OTHER), f"{names} {handed} {text}")
        if key not in self.made:
            self.made[key] = name = self.unique(key[0])
            tensors = "".join(f", {one}: KerasTensor" for one in names)
            numbers = "".join(f", {one}: int" for one in handed)
            lines = [
                f'@keras.saving.register_keras_serializable("{self._package(key[1])}")',
                f"class {name}(layers.Layer):",
                '    """Its sizes are read where it runs."""',
                "",
                f"    def call(self{tensors}{', *' if handed else ''}{numbers}) -> {returned}:",
                f"        return {text}",
            ]
            self.texts[name] = "\n".join(lines)
        return self.made[key]
