"""HDF5 files of weights, as Keras writes them, made into safetensors files by a process apart.

A dataset may refer to other files, be made up of others, or claim a shape that no memory holds:
only plain ones are read. But the HDF5 library itself never ends on some broken files and dies of
others. So this runs as a program with limits on its time and memory, and nobody but
:mod:`graphcnn.backends.keras.checkpoint` calls it:

    python -m graphcnn.backends.keras.hdf5 FILE MADE LIMIT

Beside the file that it makes it leaves another, ``.json``, of what the file says of its layers.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from graphcnn.diagnostics import UsageError
from graphcnn.weights import Weights, save
from graphcnn.weights.source import MAX_TENSORS

if TYPE_CHECKING:
    from types import ModuleType

#: the exit code that goes with a word on standard error
REFUSED: Final = 3

_MAX_DEPTH: Final = 20
_MAX_TEXT: Final = 1_000
_NO_LAYERS: Final = {"vars", "optimizer", "_layer_checkpoint_dependencies"}
_FILTERS: Final = {1, 2, 3}  # gzip, shuffle and checksums; any other is code that HDF5 looks for
_MEMORY: Final = 4 << 30  # what libraries take, generously


def seconds(limit: int) -> int:
    """How long reading a file of at most ``limit`` bytes may take."""
    return 20 + limit // (50 << 20)


def main(path: str, made: str, limit: int) -> int:
    """Write the variables of a file, `layer/0` or `layer/kernel`, as safetensors."""
    _confine(limit)
    import h5py

    try:
        with h5py.File(path, "r") as file:
            walk = _Walk(h5py)
            legacy = file if "layer_names" in file.attrs else walk.child(file, "model_weights")
            if legacy is not None and "layer_names" in legacy.attrs:
                walk.before_keras_3(legacy)
                walk.configured(file)
            else:
                walk.model(walk.child(file, "layers") or file)
            if not walk.found:
                raise UsageError("it holds no weights that Keras wrote")
            variables = _Variables(walk.found)
            if sum(4 * prod(shape) for shape in variables.shapes.values()) > limit:
                raise UsageError("it claims to hold more than any file of this model")
            save(made, variables)
            said = {"layers": walk.layers, "configuration": walk.configuration}
            Path(f"{made}.json").write_text(json.dumps(said), encoding="utf-8")
    except Exception as error:  # noqa: BLE001 - anything may come of a broken file
        sys.stderr.write(str(error))
        return REFUSED
    return 0


def _confine(limit: int) -> None:
    """Bound the time and memory of this process, where the system can."""
    try:
        import resource
    except ModuleNotFoundError:  # on Windows
        return
    for kind, most in (
        (resource.RLIMIT_CPU, seconds(limit)),
        (resource.RLIMIT_AS, _MEMORY + 4 * limit),
        (resource.RLIMIT_FSIZE, 2 * limit),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (least, hard))


class _Variables(Weights):
    """The datasets of floats in a file, read one after the other."""

    def __init__(self, datasets: dict[str, Any]) -> None:
        super().__init__({name: tuple(dataset.shape) for name, dataset in datasets.items()})
        self._datasets = datasets

    def chunks(self, name: str) -> Iterator[bytes]:
        import numpy as np

        yield np.ascontiguousarray(self._datasets[name][()], "<f4").tobytes()


class _Walk:
    """Goes through the groups of a file once."""

    def __init__(self, h5py: ModuleType) -> None:
        self.h5py = h5py
        self.found: dict[str, Any] = {}
        self.layers: list[tuple[str, str]] = []
        self.configuration: str | None = None
        self.seen = 0

    def model(self, group: Any, depth: int = 0) -> None:
        """The layers of a model, in the order in which Keras numbered those of each class."""
        if depth > _MAX_DEPTH:
            raise UsageError("it has models in models without end")
        for key in sorted(group, key=_natural):
            if key not in _NO_LAYERS:
                child = self.child(group, key)
                own = self.child(child, "vars") if isinstance(child, self.h5py.Group) else None
                self.layers.append((self.name(own) or key, key))
                self.layer(child, key, "", (), depth)

    def layer(self, group: Any, key: str, name: str, below: tuple[str, ...], depth: int) -> None:
        """A layer's group: `vars` with its variables, and a group for each of its parts.

        ``key`` is what the group is called, ``name`` the layer of which it is the part ``below``.
        """
        if not isinstance(group, self.h5py.Group):
            return
        if len(below) > _MAX_DEPTH:
            raise UsageError("it has layers in layers without end")
        own = self.child(group, "vars")
        name = name or self.name(own) or key
        if isinstance(own, self.h5py.Group):
            for index in sorted(own, key=_natural):
                self.add("/".join((name, *below, index)), self.child(own, index))
        for part in sorted(group, key=_natural):
            if part == "layers":
                self.model(self.child(group, part), depth + 1)
            elif part != "vars":
                self.layer(self.child(group, part), part, name, (*below, part), depth)

    def before_keras_3(self, file: Any) -> None:
        """Each layer's group lists its datasets: `conv1/kernel:0` in `conv1`."""
        for layer in self.texts(file, "layer_names"):
            self.layers.append((layer, layer))  # what Keras named itself tells its class
            group = self.child(file, layer)
            if group is None:
                continue
            for text in self.texts(group, "weight_names"):
                place: Any = group
                for part in text.split("/"):
                    place = self.child(place, part) if hasattr(place, "keys") else None
                inside = re.sub(r":\d+$", "", text).rpartition(f"{layer}/")[2]
                self.add(f"{layer}/{inside}", place)

    def configured(self, file: Any) -> None:
        """Keep what a file of a whole model says of its layers, as text."""
        if "model_config" in file.attrs:
            value = file.attrs["model_config"]
            text = value.decode() if isinstance(value, bytes) else value
            self.configuration = text if isinstance(text, str) else None

    def child(self, group: Any, name: str) -> Any:
        """What is in a group under a name, unless it is a link to somewhere else."""
        self.seen += 1
        if self.seen > 4 * MAX_TENSORS:
            raise UsageError("it holds more than any model has")
        hard = self.h5py.HardLink
        if name not in group or not isinstance(group.get(name, getlink=True), hard):
            return None
        return group[name]

    def name(self, group: Any) -> str | None:
        """The layer's name, as Keras notes it beside the variables."""
        if group is None or "name" not in group.attrs:
            return None
        value = group.attrs["name"]
        return value if isinstance(value, str) and 0 < len(value) <= _MAX_TEXT else None

    def texts(self, group: Any, name: str) -> Iterator[str]:
        """A list of texts beside a group; long ones are in parts, `name0`, `name1`."""
        parts = [name] if name in group.attrs else []
        while f"{name}{len(parts)}" in group.attrs:
            parts.append(f"{name}{len(parts)}")
        for part in parts:
            for value in list(group.attrs[part])[:MAX_TENSORS]:
                text = value.decode() if isinstance(value, bytes) else str(value)
                yield text[:_MAX_TEXT]

    def add(self, name: str, dataset: Any) -> None:
        if not isinstance(dataset, self.h5py.Dataset):
            return
        what = _strange(dataset)
        if what is not None:
            raise UsageError(f"the dataset of {name} {what}, which is not read")
        if dataset.dtype.kind == "f":  # seeds and counters are no weights
            self.found[name] = dataset


def _strange(dataset: Any) -> str | None:
    """Why a dataset is more than numbers in a row, if so."""
    if dataset.shape is None or dataset.dtype.kind not in "biuf":
        return "holds no numbers"
    if dataset.external or dataset.is_virtual:
        return "lies in other files"
    plan = dataset.id.get_create_plist()
    if any(plan.get_filter(n)[0] not in _FILTERS for n in range(plan.get_nfilters())):
        return "is packed in a way that Keras does not"
    if dataset.chunks and any(c > n for c, n in zip(dataset.chunks, dataset.shape, strict=True)):
        return "has parts that are larger than the whole"
    return None


def _natural(name: str) -> list[tuple[str, int]]:
    """Sorts `conv2d`, `conv2d_1`, … `conv2d_10` as Keras numbered them."""
    return [(text, int(number or 0)) for text, number in re.findall(r"(\D*)(\d{0,15})", name)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
