"""A model as an SVG: its graph, and beside it the blocks that it uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape

from boxes import Box, Diagram, diagrams
from layering import layout

from graphcnn.model import CompiledModel

# Sizes in pixels. A monospaced font is 0.6 of its size wide.
_FONT, _LINE, _CHARACTER = 11, 14, 6.7
_INSIDE, _BETWEEN, _AROUND, _HEAD, _PASSING = 8, 22, 16, 30, 10
_HIGH = 1000.0

_COLORS = {
    "block": ("#efe4fb", "#7a4fb5"),
    "convolution": ("#dcebfb", "#3b78b8"),
    "linear": ("#dff3e1", "#3f8f4a"),
    "pooling": ("#fdebd3", "#c07a1e"),
    "merge": ("#fbe0e3", "#b8475a"),
    "end": ("#ffffff", "#666666"),
}
_OTHER = ("#eeeeee", "#777777")


@dataclass
class _Panel:
    width: float
    height: float
    parts: list[str]


def picture(model: CompiledModel) -> str:
    """The text of the SVG."""
    panels = [*map(_panel, diagrams(model))]
    columns = _columns(panels)
    parts: list[str] = []
    x = 0.0
    for column in columns:
        y = 0.0
        for panel in column:
            parts.append(f'<g transform="translate({_n(x)} {_n(y)})">')
            parts += [*panel.parts, "</g>"]
            y += panel.height
        x += max(panel.width for panel in column)
    height = max(sum(panel.height for panel in column) for column in columns)
    return "\n".join([*_opening(x, height, model.name), *parts, "</svg>", ""])


def _columns(panels: list[_Panel]) -> list[list[_Panel]]:
    """The graph, then the blocks in columns that are no higher than it, or than is usual."""
    limit = max(_HIGH, *(panel.height for panel in panels))
    columns = [[panels[0]]]
    for number, panel in enumerate(panels[1:]):
        if number == 0 or sum(one.height for one in columns[-1]) + panel.height > limit:
            columns.append([])
        columns[-1].append(panel)
    return columns


def _opening(width: float, height: float, name: str) -> Iterator[str]:
    size = f'width="{_n(width)}" height="{_n(height)}" viewBox="0 0 {_n(width)} {_n(height)}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
    yield f"<title>{escape(name)}</title>"
    yield "<style>"
    yield f"text {{ font: {_FONT}px ui-monospace, Menlo, Consolas, monospace; fill: #222 }}"
    yield ".b { font-weight: bold } .s { fill: #777 } .m { text-anchor: middle }"
    yield "path { fill: none; stroke: #888; stroke-width: 1.2 }"
    for kind, (fill, stroke) in {**_COLORS, "other": _OTHER}.items():
        yield f".{kind} {{ fill: {fill}; stroke: {stroke} }}"
    yield "</style>"
    yield "<defs>"
    yield '<marker id="a" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="6" markerHeight="6"'
    yield 'orient="auto"><path d="M0 0L6 3L0 6z" style="fill: #888; stroke: none"/></marker>'
    yield "</defs>"
    yield f'<rect width="{_n(width)}" height="{_n(height)}" fill="#fff"/>'


def _panel(diagram: Diagram) -> _Panel:
    boxes = diagram.boxes
    widths = [max(map(len, box.text)) * _CHARACTER + 2 * _INSIDE for box in boxes]
    heights = [len(box.text) * _LINE + _INSIDE for box in boxes]
    found = layout([box.sources for box in boxes], widths, _PASSING)
    rows = [0.0] * (max(found.layer) + 1)
    for level, height in zip(found.layer, heights, strict=True):
        rows[level] = max(rows[level], height)
    tops, at = [], float(_AROUND + _HEAD)
    for row in rows:
        tops.append(at)
        at += row + _BETWEEN
    x = [middle + _AROUND for middle in found.x]
    parts = [f'<text class="b" x="{_AROUND}" y="{_AROUND + 8}">{escape(diagram.title)}</text>']
    for (source, target), passed in found.paths.items():
        start = (x[source], tops[found.layer[source]] + heights[source])
        end = (x[target], tops[found.layer[target]])
        through = [(one + _AROUND, tops[level], tops[level] + rows[level]) for level, one in passed]
        parts.append(_arrow(start, end, through))
    for index, box in enumerate(boxes):
        parts += _drawn(box, x[index], tops[found.layer[index]], widths[index], heights[index])
    spread = [middle + width / 2 for middle, width in zip(x, widths, strict=True)]
    spread += [one + 2 * _AROUND for passed in found.paths.values() for _, one in passed]
    spread.append(_AROUND + len(diagram.title) * _CHARACTER)
    return _Panel(max(spread) + _AROUND, at - _BETWEEN + _AROUND, parts)


def _arrow(
    start: tuple[float, float], end: tuple[float, float], through: list[tuple[float, float, float]]
) -> str:
    """A curve that leaves and enters upright, and is straight past the rows in between."""
    x, y = start
    path = [f"M{_n(x)} {_n(y)}"]
    for middle, top, bottom in through:
        path += [_bend(x, y, middle, top), f"V{_n(bottom)}"]
        x, y = middle, bottom
    path.append(_bend(x, y, *end))
    return f'<path d="{"".join(path)}" marker-end="url(#a)"/>'


def _bend(x: float, y: float, to_x: float, to_y: float) -> str:
    # A box that is lower than its row leaves a straight piece below it.
    straight = max(y, to_y - _BETWEEN)
    middle = (straight + to_y) / 2
    begin = f"V{_n(straight)}" if straight > y else ""
    return f"{begin}C{_n(x)} {_n(middle)} {_n(to_x)} {_n(middle)} {_n(to_x)} {_n(to_y)}"


def _drawn(box: Box, x: float, top: float, width: float, height: float) -> Iterator[str]:
    left, kind = x - width / 2, box.kind if box.kind in _COLORS else "other"
    round_ = 12 if box.kind == "end" else 4
    if box.times > 1:
        yield _rectangle(kind, left + 3, top + 3, width, height, round_)
    yield _rectangle(kind, left, top, width, height, round_)
    for number, line in enumerate(box.text):
        last = bool(box.shape) and number == len(box.text) - 1
        style = "m b" if number == 0 else "m s" if last else "m"
        y = top + _LINE * (number + 1)
        yield f'<text class="{style}" x="{_n(x)}" y="{_n(y)}">{escape(line)}</text>'


def _rectangle(kind: str, x: float, y: float, width: float, height: float, round_: int) -> str:
    size = f'width="{_n(width)}" height="{_n(height)}" rx="{round_}"'
    return f'<rect class="{kind}" x="{_n(x)}" y="{_n(y)}" {size}/>'


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
