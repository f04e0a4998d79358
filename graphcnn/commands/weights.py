"""`graphcnn weights convert`: a model's weights from one kind of file to another."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec

from graphcnn.commands.build import read_from
from graphcnn.commands.output import write_all
from graphcnn.compiler import Model
from graphcnn.convert import Reading, count, format_of, reading, written
from graphcnn.ops.base import show_shape
from graphcnn.weights.rules import read_rules
from graphcnn.weights.source import needs


def convert(
    model: Model, source: str, destination: str, rules: str | None, *, structural: bool
) -> str:
    """Convert a file; what comes back says what was done.

    Raises:
        UsageError: a file cannot be read or written, is of no known kind, or does not hold the
            weights of the model.
        SpecError: the destination cannot express an op, or the rules are no YAML.
    """
    if not find_spec("numpy"):
        raise needs("numpy", "weights", "converting weights")
    training = format_of(destination, written=True).whole
    given = read_rules(rules) if rules is not None else None
    with reading(source, model, given, structural=structural, training=training) as found:
        folder = os.path.dirname(destination)  # noqa: PTH120 - as the user wrote it
        files = written(found.weights, destination, model)
        chunks = ((os.path.join(folder, file.name), file.chunks) for file in files)  # noqa: PTH118 - likewise
        write_all(chunks, keep=read_from(model))
        return "".join(f"{line}\n" for line in _report(found, destination))


def _report(found: Reading, destination: str) -> Iterator[str]:
    weights = found.weights
    ways = {"rules": len(found.by_rules), "order and shape": len(found.by_structure)}
    said = [f"{number:,} by {way}" for way, number in ways.items() if number]
    said += [f"{len(found.skipped):,} passed over"] if found.skipped else []
    noted = f" ({', '.join(said)})" if said else ""
    yield f"{destination}: {len(weights):,} tensors, {count(weights):,} numbers{noted}"
    for pair in found.by_structure:
        yield f"  {pair.weight} is {pair.tensor} {show_shape(pair.shape)}"
    if found.by_order:
        yield f"  {found.by_order:,} of these layers have the shapes of others: their order decided"
