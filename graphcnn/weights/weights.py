"""Tensors by name, read or drawn when they are asked for, whole or in pieces."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.float32]


class Weights(Mapping[str, "Array"]):
    """The tensors of a model as float32; nothing is held in memory that was not asked for."""

    def __init__(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        self.shapes = dict(shapes)

    @abstractmethod
    def chunks(self, name: str) -> Iterator[bytes]:
        """A tensor's bytes in pieces, little-endian, the last axis fastest."""

    def __getitem__(self, name: str) -> Array:
        import numpy as np

        if name not in self.shapes:
            raise KeyError(name)
        data = b"".join(self.chunks(name))
        return np.frombuffer(data, "<f4").astype(np.float32).reshape(self.shapes[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.shapes)

    def __len__(self) -> int:
        return len(self.shapes)


class Held(Weights):
    """Tensors that are in memory already."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        super().__init__({name: array.shape for name, array in arrays.items()})
        self._arrays = arrays

    def chunks(self, name: str) -> Iterator[bytes]:
        import numpy as np

        yield np.ascontiguousarray(self._arrays[name], "<f4").tobytes()

    def __getitem__(self, name: str) -> Array:
        return self._arrays[name]
