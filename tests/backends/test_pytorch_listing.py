"""Members of an ``nn.Sequential`` as text."""

from __future__ import annotations

import pytest

from graphcnn.backends.pytorch.listing import Member, layer_lines, sequential


def members(*names: str, text: str = "Layer()") -> list[Member]:
    return [Member(name, text) for name in names]


def test_layers_that_are_alike_and_numbered_are_a_loop() -> None:
    row = members("layer0", "layer1", "layer2")
    loop = 'OrderedDict((f"layer{i}", Layer()) for i in range(3))'
    assert sequential(row, named=True) == f"nn.Sequential({loop})"
    assert "range(8, 11)" in sequential(members("b8", "b9", "b10"), named=True)


@pytest.mark.parametrize(
    "row",
    [
        members("layer0", "layer1"),
        members("layer0", "layer1", "layer3"),
        members("a0", "b1", "c2"),
        members("a09", "a10", "a12"),
        members("a", "a0", "a1"),
        members("a0", "a1", "a2", text="Layer(i)"),
        [*members("a0", "a1"), *members("a2", text="Other()")],
        members("a0", "a1", "a2", "last"),
    ],
)
def test_others_are_written_out(row: list[Member]) -> None:
    pairs = ", ".join(f'("{member.name}", {member.text})' for member in row)
    assert sequential(row, named=True) == f"nn.Sequential(OrderedDict([{pairs}]))"


def test_what_holds_otherwise_stands_behind_else() -> None:
    row = [Member("0", "A()", "depth <= 1"), Member("0", "B()", "depth > 1")]
    assert layer_lines(row, "layers") == [
        "layers: list[nn.Module] = []",
        "if depth <= 1:",
        "    layers.append(A())",
        "else:",
        "    layers.append(B())",
    ]
