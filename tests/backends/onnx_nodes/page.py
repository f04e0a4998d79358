"""docs/onnx-node-tests.md: how many of the cases are tried, and how many hold.

`python -m tests.backends.onnx_nodes.page` writes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from textwrap import fill

import onnx

from graphcnn.ops import OPS
from tests.backends.onnx_nodes.cases import Case, collected, definitions
from tests.backends.onnx_nodes.exported import exported
from tests.backends.onnx_nodes.table import FOREIGN

PAGE = Path(__file__).parents[3] / "docs" / "onnx-node-tests.md"

_HEAD = """\
<!-- Written by tests/backends/onnx_nodes/page.py from the cases of the onnx package. -->

# ONNX' node tests

The onnx package comes with tests for those who write runtimes. Its node tests are one operator
each, with inputs, and outputs that numpy computed. Beside them lie models that PyTorch exported
years ago, most of one operator too, with what PyTorch computed. They know nothing of GraphCNN,
which makes them an oracle for it. Each case that the [ops](ops.md) can express is posed as a spec.
The shape that the compiler infers is then that of the case; and PyTorch and Keras run the emitted
code, onnxruntime the emitted file, to the outputs of the case, within 1e-4 of the largest value.
(One case has its outputs written with four digits; there it is 1e-3, the package's own tolerance.)

Weights that ONNX takes as inputs are given under their canonical names. The first axis of a case is
the batch; where the operator works on that axis too, the whole case is one sample. What two
definitions put differently, the spec says with further ops: `channel_shuffle` before a
`pixel_shuffle` in the order of TensorFlow, `reshape` before an `add` of unequal ranks. Of an
operator with further outputs (the places of largest cells, the mean of a layer norm, the mask of a
dropout) the first is compared. `max_pool` and `pad`, which only select cells, run on integers too.

Every case that is not tried has its reason below. `make test` runs all that are, in every backend,
and fails where one does not hold.
"""


def text() -> str:
    """The page."""
    cases, models = collected(), exported()
    near = [case for case in cases if case.concerns_networks]
    sections = [
        _HEAD,
        _figures(near, models),
        "## By op\n\nWhat was tried, and holds in all three.\n",
        _by_op(_tried(near), _tried(models)),
        "## Not expressible\n\nOperators of convolutional networks, cases of them, and models.\n",
        _left_out([*near, *models]),
        "## Of no concern\n\nOperators that are no layers of a convolutional network.\n",
        _foreign(cases),
    ]
    return "\n".join(sections)


def _tried(cases: Iterable[Case]) -> list[tuple[str, str]]:
    """The op and the operator of each case that is posed."""
    return [(case.posed.op, case.operator) for case in cases if case.posed is not None]


def _figures(near: Sequence[Case], models: Sequence[Case]) -> str:
    again = definitions()
    single = [case for case in models if case.concerns_networks]
    tried = [len(_tried(near)), len(_tried(models))]
    return _table(
        ["", "node tests", "models"],
        [
            (f"in onnx {onnx.__version__}", len(collected()) + again, len(models)),
            ("given once more, with the operator's definition in its place", again, 0),
            ("of the others, one operator of convolutional networks", len(near), len(single)),
            ("of these, expressible and tried", *tried),
            *((f"hold in {backend}", *tried) for backend in ("PyTorch", "Keras", "ONNX")),
        ],
    )


def _by_op(cases: list[tuple[str, str]], models: list[tuple[str, str]]) -> str:
    rows: list[tuple[object, ...]] = []
    missing = []
    for op in OPS:
        operators = sorted({operator for name, operator in (*cases, *models) if name == op.name})
        counts = [sum(name == op.name for name, _ in tried) for tried in (cases, models)]
        if operators:
            listed = ", ".join(f"`{operator}`" for operator in operators)
            rows.append((f"[`{op.name}`](ops.md#{op.name})", listed, *counts))
        else:
            missing.append(f"`{op.name}`")
    table = _table(["op", "operators of ONNX", "node tests", "models"], rows)
    rest = fill(f"No case is about these: {', '.join(missing)}.", 100)
    return f"{table}\n{rest}\n"


def _left_out(near: Sequence[Case]) -> str:
    counts = Counter((case.operator, case.reason) for case in near if case.posed is None)
    rows = [(f"`{operator}`", reason, n) for (operator, reason), n in sorted(counts.items())]
    return _table(["operator", "why not", "cases"], rows)


def _foreign(cases: Sequence[Case]) -> str:
    counts = Counter(case.operator for case in cases)
    rows = [
        (reason, ", ".join(f"`{name}`" for name in names), sum(counts[name] for name in names))
        for reason, names in FOREIGN.items()
    ]
    return _table(["about", "operators", "cases"], rows)


def _table(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    body = [[str(cell) for cell in row] for row in rows]
    rule = ["---:" if cell.isdigit() else "---" for cell in body[0]]
    return "".join(f"| {' | '.join(row)} |\n" for row in [list(titles), rule, *body])


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
