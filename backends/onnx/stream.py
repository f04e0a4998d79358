"""A model file in pieces: the messages of the graph, then the bytes of each weight.

The fields of a protobuf message may stand in any order and be written one behind the other, each
after its number and length. So the weights, nearly all of the file, pass through without being
held, and a model takes no longer to write than a copy of its weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod

from onnx import GraphProto, ModelProto, StringStringEntryProto, TensorProto

from graphcnn.weights import Weights

#: protobuf reads no message that is longer
LIMIT = 2**31 - 1

#: weights in a file of their own begin where a page of memory may begin
PAGE = 4096

_MODEL_GRAPH, _GRAPH_INITIALIZER, _TENSOR_RAW_DATA = 7, 5, 9


def _field(number: int, length: int) -> bytes:
    """What stands before ``length`` bytes of a field."""
    return varint(number << 3 | 2) + varint(length)


def varint(value: int) -> bytes:
    """Seven bits in a byte, the lowest first; the eighth says that more follow."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _size(weights: Weights, name: str) -> int:
    return 4 * prod(weights.shapes[name])


def _initializer(name: str, shape: Iterable[int]) -> TensorProto:
    return TensorProto(name=name, dims=shape, data_type=TensorProto.FLOAT)


class Whole:
    """A model with its weights inside."""

    def __init__(
        self, model: ModelProto, graph: GraphProto, weights: Weights, names: Iterable[str]
    ) -> None:
        self.weights = weights
        self._model = model.SerializeToString(deterministic=True)
        self._graph = graph.SerializeToString(deterministic=True)
        self._heads = {name: self._head(name) for name in names}
        inside = sum(len(head) + _size(weights, name) for name, head in self._heads.items())
        self._before = self._model + _field(_MODEL_GRAPH, len(self._graph) + inside)
        self.length = len(self._before) + len(self._graph) + inside

    def _head(self, name: str) -> bytes:
        """A weight, all but its numbers."""
        size = _size(self.weights, name)
        described = _initializer(name, self.weights.shapes[name])
        inner: bytes = described.SerializeToString(deterministic=True)
        inner += _field(_TENSOR_RAW_DATA, size)
        return _field(_GRAPH_INITIALIZER, len(inner) + size) + inner

    def chunks(self) -> Iterator[bytes]:
        yield self._before
        yield self._graph
        for name, head in self._heads.items():
            yield head
            yield from self.weights.chunks(name)


class Apart:
    """A model whose weights lie in another file, called ``location``."""

    def __init__(
        self,
        model: ModelProto,
        graph: GraphProto,
        weights: Weights,
        names: Iterable[str],
        location: str,
    ) -> None:
        self.weights = weights
        self.places: dict[str, int] = {}
        end = 0
        for name in names:
            self.places[name] = -(-end // PAGE) * PAGE
            end = self.places[name] + _size(weights, name)
        self.model, self.graph, self.location = model, graph, location

    def data(self) -> Iterator[bytes]:
        """The file of the weights."""
        end = 0
        for name, place in self.places.items():
            yield bytes(place - end)
            yield from self.weights.chunks(name)
            end = place + _size(self.weights, name)

    def chunks(self) -> Iterator[bytes]:
        graph = GraphProto()
        graph.CopyFrom(self.graph)
        graph.initializer.extend(self._initializers())
        message = ModelProto()
        message.CopyFrom(self.model)
        message.graph.CopyFrom(graph)
        yield message.SerializeToString(deterministic=True)

    def _initializers(self) -> Iterator[TensorProto]:
        for name, place in self.places.items():
            described = _initializer(name, self.weights.shapes[name])
            described.data_location = TensorProto.EXTERNAL
            entries = {
                "location": self.location,
                "offset": str(place),
                "length": str(_size(self.weights, name)),
            }
            described.external_data.extend(
                StringStringEntryProto(key=key, value=value) for key, value in entries.items()
            )
            yield described
