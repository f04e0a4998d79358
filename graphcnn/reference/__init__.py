"""The ops as numpy computes them: what their documentation says, and nothing that a framework does.

It is what the backends are compared with. Everything is in double precision and for inference; an
array has the batch as its first axis and then those of the sample, channels first. It is written
to be read beside the op's docstring, and not to be fast.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from graphcnn.ops.base import Op
from graphcnn.reference import activation, convolution, merge, normalisation, pooling, shape
from graphcnn.reference.arrays import Array, Arrays

__all__ = ["RULES", "Array", "NoRule", "compute"]

RULES: dict[type[Op], Callable[..., Array | Arrays]] = {
    **convolution.RULES,
    **pooling.RULES,
    **normalisation.RULES,
    **activation.RULES,
    **merge.RULES,
    **shape.RULES,
}


class NoRule(Exception):
    """An op that the author of a spec declared: only the class that it names can compute it."""


def compute(op: Op, inputs: Sequence[Array], weights: Mapping[str, Array]) -> Arrays:
    """What an op makes of its inputs, one array for each output.

    ``weights`` are by their names within the op. An op without inputs, a learned tensor, makes a
    batch of one.

    Raises:
        NoRule: the op is declared in a spec.
    """
    rule = RULES.get(type(op))
    if rule is None:
        raise NoRule(op.name)
    found = rule(op, inputs, weights)
    return found if isinstance(found, tuple) else (found,)
