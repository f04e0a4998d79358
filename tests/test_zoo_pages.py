# ruff: noqa: RUF001 - windows are written with a multiplication sign
"""The pages of the zoo: what their pictures show, and where their boxes stand."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import generate
import pytest
from boxes import Box, Diagram, diagrams
from hypothesis import given
from hypothesis import strategies as st
from layering import layout
from picture import picture

import graphcnn
from graphcnn import syntax
from graphcnn.compiler import compile_file
from tests import pages
from tests.inline import spec

ZOO = pages.DOCS / "zoo"
PASSING = 10.0


def drawn(model: str) -> dict[str, Diagram]:
    return {one.title.partition("(")[0]: one for one in diagrams(graphcnn.load(model))}


def arrows(boxes: list[Box]) -> set[tuple[str, str]]:
    return {(boxes[source].title, box.title) for box in boxes for source in box.sources}


def test_a_chain_is_drawn_in_order_and_what_repeats_once() -> None:
    boxes = drawn("resnet50")["resnet50"].boxes
    assert [(box.title, box.times, box.shape) for box in boxes] == [
        ("image", 1, "(3, 224, 224)"),
        ("conv 7×7, 64, stride 2", 1, "(64, 112, 112)"),
        ("max_pool 3×3, stride 2", 1, "(64, 56, 56)"),
        ("bottleneck", 3, "(256, 56, 56)"),
        ("bottleneck", 4, "(512, 28, 28)"),
        ("bottleneck", 6, "(1024, 14, 14)"),
        ("bottleneck", 3, "(2048, 7, 7)"),
        ("global_avg_pool", 1, "(2048, 1, 1)"),
        ("flatten", 1, "(2048,)"),
        ("linear 1000", 1, "(1000,)"),
        ("logits", 1, "(1000,)"),
    ]
    assert boxes[1].lines == ("batch_norm", "relu")
    assert [box.sources for box in boxes] == [[], *([index] for index in range(10))]


def test_a_shortcut_is_drawn() -> None:
    boxes = drawn("resnet18")["basic_block"].boxes
    assert arrows(boxes) == {
        ("x", "conv 3×3, 128, stride 2"),
        ("conv 3×3, 128, stride 2", "conv 3×3, 128"),
        ("conv 3×3, 128", "add"),
        ("x", "conv 1×1, 128, stride 2"),
        ("conv 1×1, 128, stride 2", "add"),
    }


def test_a_block_is_drawn_where_most_of_it_is_used() -> None:
    """The first of MobileNet's blocks has neither an expansion nor a shortcut."""
    block = drawn("mobilenet_v2")["inverted_residual"]
    assert ("x", "add") in arrows(block.boxes)


def test_windows_have_as_many_sides_as_there_are_axes() -> None:
    titles = [box.title for box in drawn("r3d_18")["basic_block"].boxes]
    assert "conv 1×1×1, 128, stride 2" in titles


def test_what_differs_in_its_statement_is_not_counted_together(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(
        spec("- conv: {out: 8}\n- conv: {out: 8}\n- {conv: {out: 8}, repeat: 3}"), encoding="utf-8"
    )
    model = compile_file(syntax.read(tmp_path / "net.yaml"))
    boxes = diagrams(model)[0].boxes
    assert [box.times for box in boxes if box.title == "conv 1×1, 8"] == [1, 1, 3]


def test_text_in_a_picture_is_escaped(tmp_path: Path) -> None:
    graph = "- {b: {kind: '<&>'}}"
    head = "blocks: {b: {parameters: {kind: text}, graph: [relu]}}"
    (tmp_path / "net.yaml").write_text(spec(graph, head=head), encoding="utf-8")
    text = picture(compile_file(syntax.read(tmp_path / "net.yaml")))
    assert "b(kind=&lt;&amp;&gt;)" in text


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[list[int]], list[float]]:
    """Boxes, each with those before it that it reads, and their widths."""
    count = draw(st.integers(1, 12))
    sources = [
        sorted(draw(st.sets(st.integers(0, index - 1), max_size=4))) if index else []
        for index in range(count)
    ]
    return sources, draw(st.lists(st.floats(20, 200), min_size=count, max_size=count))


@given(graphs())
def test_arrows_lead_down_and_nothing_overlaps(
    drawing: tuple[list[list[int]], list[float]],
) -> None:
    sources, widths = drawing
    found = layout(sources, widths, PASSING)
    rows: dict[int, list[tuple[float, float]]] = {}
    for index, level in enumerate(found.layer):
        rows.setdefault(level, []).append((found.x[index], widths[index]))
    for (source, target), passed in found.paths.items():
        levels = [found.layer[source], *(level for level, _ in passed), found.layer[target]]
        assert levels == [*range(levels[0], levels[-1] + 1)]
        assert len(levels) > 1
        for level, middle in passed:
            rows[level].append((middle, PASSING))
    for row in rows.values():
        for (left, width), (right, other) in pairwise(sorted(row)):
            assert left + width / 2 < right - other / 2


@pytest.mark.parametrize("path", sorted(ZOO.glob("*.svg")), ids=lambda path: path.stem)
def test_every_box_is_inside_its_picture(path: Path) -> None:
    root = ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314 - our own file
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    space = "{http://www.w3.org/2000/svg}"
    for group in root.iter(f"{space}g"):
        shift = [float(part) for part in group.attrib["transform"][len("translate(") : -1].split()]
        for box in group.iter(f"{space}rect"):
            x, y = (float(box.attrib[key]) + by for key, by in zip("xy", shift, strict=True))
            assert x >= 0
            assert y >= 0
            assert x + float(box.attrib["width"]) <= width
            assert y + float(box.attrib["height"]) <= height


def test_what_nothing_writes_is_left_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "DOCS", tmp_path)
    for name in ("zoo/resnet.md", "zoo/gone.md", "zoo/code/keras/gone.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert generate.left_over() == ["zoo/code/keras/gone.py", "zoo/gone.md"]
