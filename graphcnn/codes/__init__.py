"""The diagnostic codes: what each means, a spec that has it, and the same spec mended.

``CODES`` is the table. A test compiles every example, and sees to it that every code that the
compiler uses is here, and no other.
"""

from graphcnn.codes import build, expressions, graph, keys, limits, lint, shapes, values, yaml
from graphcnn.codes.code import Code

__all__ = ["CODES", "Code"]

CODES: dict[str, Code] = {
    **yaml.CODES,
    **keys.CODES,
    **values.CODES,
    **expressions.CODES,
    **graph.CODES,
    **shapes.CODES,
    **limits.CODES,
    **build.CODES,
    **lint.CODES,
}
