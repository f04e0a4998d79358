"""Questions about what the cases of one place have in common."""

from __future__ import annotations

from collections.abc import Sequence

from graphcnn.backends.python.unit import Mismatch
from graphcnn.backends.python.uses import is_learned, local_name
from graphcnn.backends.pytorch.attributes import full_name
from graphcnn.backends.pytorch.steps import Slot
from graphcnn.ir import Item, Value, nodes_of, present


def keeps_weights(item: Item) -> bool:
    return any(node.facts.weights for node in nodes_of(item))


def is_alternative(rows: Sequence[Sequence[Item | None]], row: Sequence[Item | None]) -> bool:
    """Whether a statement has the name of those before it, in uses that have none of them."""
    taken = [any(map(present, column)) for column in zip(*rows, strict=True)]
    there = [present(item) is not None for item in row]
    found = [present(item) for one in (*rows, row) for item in one]
    names = {local_name(full_name(item)) for item in found if item is not None}
    twice = any(a and b for a, b in zip(there, taken, strict=True))
    return any(there) and not twice and len(names) == 1 and "" not in names


def tells_batch(slot: Slot) -> bool:
    """Whether a value is there to say how many samples there are."""
    nodes = [value.node for value in slot.values.values()]
    return not any(is_learned(value) for value in slot.values.values()) and not any(
        node is not None and node.training_only for node in nodes
    )


def same_length(rows: Sequence[Sequence[Value]]) -> Sequence[Sequence[Value]]:
    """These rows; Mismatch where one has more values than another."""
    if len({len(row) for row in rows}) > 1:
        raise Mismatch
    return rows
