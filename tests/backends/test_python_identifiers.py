"""The names that emitted code reads, apart from those that it only speaks of."""

from __future__ import annotations

import pytest

from graphcnn.backends.python.identifiers import globals_read, names_in, renamed

MODULE = '''
"""As SelfAttention of A. F. Krizhevsky."""
import math

class Net(nn.Module):
    """Any size, with layers.Dense."""

    scale: Tensor  # math

    def __init__(self, act: str = "OrderedDict", layers=None) -> None:
        self.F = [Conv(i, nn.Linear) for i in range(3)]

    def forward(self, x):
        math = "torch."
        return math + f"{G} H"
'''


def test_globals_are_those_of_the_code() -> None:
    names = {"nn", "Tensor", "str", "Conv", "range", "G"}
    assert globals_read(MODULE) == names


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("out // 2 if act == 'out of act' else x.out", "out act x"),
        ('self.conv = Conv(kind="kind", out=width, name=f"{n}_{{out}}{k + 1}")', "self Conv width"),
        ("    if not deep:", "deep"),
        ("x = y == z", "x y z"),
        ("'a b'", ""),
    ],
)
def test_names_in_a_line(line: str, names: str) -> None:
    found = [*names.split(), *(("n", "k") if "{n}" in line else ())]
    assert list(names_in(line)) == found


def test_renaming_leaves_texts_and_attributes_alone() -> None:
    line = '  f(\'the out\', "out", out, x.out, out=out, name=f"{out}: out{{out}}")'
    changed = '  f(\'the out\', "out", OUT, x.out, out=OUT, name=f"{OUT}: out{{out}}")'
    assert renamed(line, lambda name: name.upper() if name == "out" else name) == changed
