"""Whether fresh models hold what the spec says: what their emitted files fill them with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from graphcnn.backends import Startable
from graphcnn.model import CompiledModel
from graphcnn.ops.activation import Prelu
from graphcnn.ops.normalisation import L2Norm
from graphcnn.ops.parameter import Parameter
from graphcnn.verification.distribution import complaint, said, sample
from graphcnn.verification.result import FreshResult, FreshWeight
from graphcnn.weights import Entry, canonical, stated
from graphcnn.weights.schemes import Scheme

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

#: numbers of a random tensor that are asked for, if need be of several fresh models
ENOUGH = 1000
#: how many models those are at most, and nodes in all of them: a model of many is not made often
DRAWS = 8
NODES = 200

#: ops whose fresh weights the spec states without `init`
_STATING = (L2Norm, Parameter, Prelu)


def expectations(model: CompiledModel) -> dict[str, Scheme]:
    """What the spec says of fresh weights; nothing where norms alone start as they always do."""
    has_section = "init" in model.program.root.entries
    if has_section or any(isinstance(node.op, _STATING) for node in model.ir.nodes):
        return stated(model)
    return {}


def compare(
    model: CompiledModel, backend: Startable, expected: Mapping[str, Scheme], seed: int
) -> FreshResult:
    """Make fresh models in a backend, and hold their weights against what the spec says."""
    entries = canonical(model.ir)
    first = dict(backend.fresh(model, seed, [*expected]))
    known = {name: scheme for name, scheme in expected.items() if name in first}
    drawn: dict[str, list[NDArray[Any]]] = {name: [first[name]] for name in known}
    few = [name for name, scheme in known.items() if _is_few(first[name], scheme)]
    draws = _draws(model, [first[name].size for name in few])
    for turn in range(1, draws):
        more = backend.fresh(model, seed + turn, few)
        for name in few:
            drawn[name].append(more[name])
    wrong = [*_wrong(known, drawn, entries)]
    return FreshResult(len(known), draws, wrong)


def _is_few(array: NDArray[Any], scheme: Scheme) -> bool:
    return scheme.kind != "constant" and 0 < array.size < ENOUGH


def _draws(model: CompiledModel, sizes: list[int]) -> int:
    if not sizes:
        return 1
    return max(1, min(DRAWS, -(-ENOUGH // min(sizes)), NODES // len(model.ir.nodes)))


def _wrong(
    expected: Mapping[str, Scheme],
    drawn: Mapping[str, list[NDArray[Any]]],
    entries: Mapping[str, Entry],
) -> Iterator[FreshWeight]:
    for name, scheme in expected.items():
        if not drawn[name][0].size:
            continue
        found = complaint(sample(drawn[name]), scheme)
        if found is not None:
            node = entries[name].node
            line = node.span.begin_position.line
            yield FreshWeight(name, node.op.name, node.span.file.name, line, said(scheme), found)
