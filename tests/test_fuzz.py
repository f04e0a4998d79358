"""Whatever is in a file, what comes of it is diagnostics: never a traceback, and soon.

Valid specs are mutated, as trees and as text, and text is made up that looks like YAML.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphcnn.codes import CODES
from graphcnn.commands.fix import mend
from graphcnn.compiler import check, compile_file, read_spec
from graphcnn.diagnostics import Diagnostic, Severity, SpecError
from graphcnn.lint import Selection
from graphcnn.ops import BY_NAME
from graphcnn.source import SourceFile
from graphcnn.syntax import decode

SPECS = [path.read_text() for path in sorted(Path(__file__).parent.parent.glob("specs/*.yaml"))]
FEW, MANY = 200, 1_000
PARTS = 5
"""Of `make test-all`: workers share them, and it shows how far they are."""

SECONDS = 20
"""More than any spec takes, on a slow machine that does other things besides."""

#: a spec of everything: what the language has and the shipped specs do not use
KITCHEN_SINK = """
graphcnn: 1
name: sink
parameters: {width: 8, depth: 3, kind: half, on: true, rates: [0.1, 0.2], act: relu}
variants: {small: {width: 4}, large: {depth: 4, kind: unit}}
let: {twice: $(2 * width), sum: "$(sum([k for k in range(depth)]))"}
defaults: {conv: {padding: same}}
inputs: {left: [3, 32*H, 32], right: [3, 32*H, 32]}
ops:
  gate:
    attributes: {out: int, scale: 1.0}
    shape: "$([out, in.height, inputs[1].width])"
    weights: {weight: "$([out, in.channels])"}
    macs: $(out * in.channels)
blocks:
  unit:
    parameters: {out: int, kernel: 3}
    let: {inner: $(out // 2)}
    sequence:
      - conv: {out: $inner, kernel: $kernel}
      - {use: $act, when: $(act != none)}
      - conv: {out: $out, kernel: $kernel}
  half:
    parameters: {out: int}
    graph:
      - {split: {sizes: "$([x.channels // 2, x.channels - x.channels // 2])"}, id: cut}
      - {conv: {out: $out, kernel: 1}, from: cut.1, id: end}
    outputs: {main: end, rest: cut.0}
  pair:
    inputs: [a, b]
    graph:
      - {add: {}, from: [a, b]}
  tree:
    parameters: {depth: int, out: int}
    graph:
      - {tree: {depth: $(depth - 1), out: $out}, when: $(depth > 1)}
      - residual: {body: [{unit: {out: $in.channels}}], skip: $(depth != 2), merge: multiply}
graph:
  - {conv: {out: $width, kernel: 3}, from: left, id: stem}
  - {conv: {out: $width, kernel: 3}, from: right}
  - {pair: {}, from: [prev, stem]}
  - branches:
      paths:
        one: {unit: {out: $twice}}
        two: [{unit: {out: $width}}, relu]
        three: []
    id: paths
  - {half: {out: $width}, id: parts}
  - {use: $kind, with: {out: $width}, from: parts.main, id: computed, when: $(kind == "unit")}
  - {tree: {depth: $depth, out: $width}, from: parts.main}
  - {reuse: stem, from: right, id: again}
  - for: {k: $(range(depth)), n: "$([1] * depth)"}
    do:
      - {conv: {out: $(width * (k + n)), kernel: 1}, id: turn$(k), repeat: 2}
  - {gate: {out: 3}, from: [prev, again]}
  - dense: [{conv: {out: 2, kernel: 3}}]
    repeat: 3
  - {conv: {out: $in.channels, kernel: 3, stride: 2}, id: end}
  - {relu: {}, from: again, id: aux}
outputs: {main: end, aux: {from: aux, only: training}}
expect: {params: <= 1M, large: {layers: {stem: [8, 32*H, 32]}}}
"""
SPECS.append(KITCHEN_SINK)

EXPRESSIONS = [
    "$x", "$in", "$i", "$(i)", "$in.channels", "$(x.height // 0)", "$(9**9**9)", "$(1 / 3)",
    "$(-in.width)", "$([x] * 3)", "$(range(10000))", "$(range(10**9))", "$(width if on else none)",
    "$([a for a in range(3) if a])", "$(max(in.height, 3) > 7)", "$(in.height == 32)", "$(", "$",
    "$()", "$(a.b.c)", "$$", "a$(1)b", "$(not 1)", "$(1 < 2 < 3)", "$(len(in.shape))", "$none",
    "$(in in [in])", "$(-1)", "$(1e308 * 10)", "$((in.height + in.width) ** 9)", "$('a' * 3)",
]  # fmt: skip
ODD: list[Any] = [
    None, True, False, 0, 1, -1, 2, 3, 7, 64, 10**6, 10**18, 0.5, -0.0, 1e300, "", " ", "none",
    "no", "1:30", "same", "prev", "x", "in", "image", "class", "a b", "../../x", "x; import os",
    "é", "32*H", "H", "<= 4G", "a" * 200, [], [[]], [1, 2], [0], {}, {"a": 1}, [None], ["prev"],
    ["prev", "prev"], "relu", "conv", {"relu": None}, {"conv": {"out": 8, "kernel": 3}},
    {"sequence": []}, {"graph": ["relu"]}, {"residual": {"body": ["relu"]}}, {"dense": ["relu"]},
    {"branches": {"paths": [[], ["relu"]]}}, {"for": {"k": [1, 2]}, "do": ["relu"]},
    {"use": "$act"}, {"reuse": "stem"}, {"relu": None, "repeat": 3}, {"relu": None, "when": False},
    *EXPRESSIONS,
]  # fmt: skip
KEYS = [
    "id", "from", "repeat", "when", "doc", "with", "do", "use", "reuse", "for", "sequence", "graph",
    "residual", "branches", "dense", "body", "shortcut", "skip", "merge", "paths", "parameters",
    "let", "inputs", "outputs", "blocks", "ops", "variants", "defaults", "expect", "imports",
    "init", "out", "kernel", "stride", "padding", "groups", "x", "in", "i", "prev", "conv2", "é",
    *BY_NAME,
]  # fmt: skip
Path_ = tuple[Any, ...]


# --- mutations of trees ------------------------------------------------------------------


def paths(tree: Any, path: Path_ = ()) -> Iterator[Path_]:
    """The way to every value in a tree."""
    yield path
    if isinstance(tree, (dict, list)):
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from paths(value, (*path, key))


def at(tree: Any, path: Path_) -> Any:
    for key in path:
        tree = tree[key]
    return tree


def put(tree: Any, path: Path_, value: Any) -> Any:
    if not path:
        return value
    at(tree, path[:-1])[path[-1]] = value
    return tree


def replaced(draw: st.DrawFn, tree: Any, path: Path_) -> Any:
    return put(tree, path, copy.deepcopy(draw(st.sampled_from(ODD))))


def moved(draw: st.DrawFn, tree: Any, path: Path_) -> Any:
    """One part of the tree in the place of another."""
    other = draw(st.sampled_from([*paths(tree)]))
    return put(tree, path, copy.deepcopy(at(tree, other)))


def dropped(draw: st.DrawFn, tree: Any, path: Path_) -> Any:
    if path:
        del at(tree, path[:-1])[path[-1]]
    return tree


def doubled(draw: st.DrawFn, tree: Any, path: Path_) -> Any:
    parent = at(tree, path[:-1])
    if path and isinstance(parent, list):
        parent.insert(path[-1], copy.deepcopy(parent[path[-1]]))
    return tree


def renamed(draw: st.DrawFn, tree: Any, path: Path_) -> Any:
    parent = at(tree, path[:-1])
    if path and isinstance(parent, dict):
        parent[draw(st.sampled_from(KEYS))] = parent.pop(path[-1])
    return tree


def added(draw: st.DrawFn, tree: Any, path: Path_) -> Any:
    value = at(tree, path)
    if isinstance(value, dict):
        value[draw(st.sampled_from(KEYS))] = copy.deepcopy(draw(st.sampled_from(ODD)))
    elif isinstance(value, list):
        value.append(copy.deepcopy(draw(st.sampled_from(ODD))))
    return tree


def edited(draw: st.DrawFn, tree: Any, path: Path_) -> Any:
    """An expression, or other text, with a piece of another in it."""
    value = at(tree, path)
    if not isinstance(value, str):
        return tree
    begin = draw(st.integers(0, len(value)))
    end = draw(st.integers(begin, len(value)))
    piece = draw(
        st.sampled_from([*EXPRESSIONS, "(", ")", "[0]", ".", " + ", " // 0", "$", ",", "i"])
    )
    return put(tree, path, value[:begin] + piece.removeprefix("$") + value[end:])


MUTATIONS: list[Callable[[st.DrawFn, Any, Path_], Any]] = [
    replaced, replaced, moved, dropped, doubled, renamed, added, edited, edited,
]  # fmt: skip


@st.composite
def mutated_trees(draw: st.DrawFn) -> str:
    tree = yaml.safe_load(draw(st.sampled_from(SPECS)))
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from([*paths(tree)]))
        tree = draw(st.sampled_from(MUTATIONS))(draw, tree, path)
    flow = draw(st.sampled_from([None, True, False]))
    text = yaml.safe_dump(tree, sort_keys=False, default_flow_style=flow, allow_unicode=True)
    return str(text)


# --- mutations of text -------------------------------------------------------------------

PIECES = [
    "\t", "\n", "  ", "- ", ": ", "{", "}", "[", "]", "&a ", "*a", "!!int ", "|", ">", "#", "'",
    '"', "%YAML 1.2\n", "---\n", "...\n", "<<: *a", "\ufeff", "\x00", "\x85", "\u2028", "?", ",",
    "$", "$(", ")", "no", "1:30", ".inf", "0x10", "0o7", "~", "null", "é", "\U0001f600",
]  # fmt: skip


@st.composite
def mutated_texts(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(SPECS))
    for _ in range(draw(st.integers(1, 6))):
        begin = draw(st.integers(0, len(text)))
        end = min(len(text), begin + draw(st.integers(0, 40)))
        kind = draw(st.sampled_from(["cut", "insert", "copy", "swap"]))
        if kind == "cut":
            text = text[:begin] + text[end:]
        elif kind == "insert":
            text = text[:begin] + draw(st.sampled_from(PIECES)) + text[begin:]
        elif kind == "copy":
            text = text[:end] + text[begin:]
        else:
            lines = text.splitlines(keepends=True) or [""]
            one, two = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
            lines[one], lines[two] = lines[two], lines[one]
            text = "".join(lines)
    return text


def made_up_texts() -> st.SearchStrategy[str]:
    words = st.sampled_from([*PIECES, *KEYS, *EXPRESSIONS, "graphcnn: 1\n", "name: a\n", "\n  - "])
    return st.lists(words, max_size=60).map("".join)


# --- what must hold ----------------------------------------------------------------------


def assert_sound(text: str, found: list[Diagnostic]) -> None:
    places = [(one.code, one.span.file.name, one.span.start) for one in found]
    assert len(set(places)) == len(places), "each mistake is reported once"
    for one in found:
        assert one.code in CODES
        assert one.message
        assert 0 <= one.span.start <= one.span.end <= len(one.span.file.text) + 1
        assert one.as_dict()


def survives(text: str) -> None:
    begin = time.process_time()
    try:
        file = decode(text.encode(errors="surrogatepass"), "fuzz.yaml")
        found = check(file, warnings=Selection())
    except SpecError as error:
        found = list(error.diagnostics)
    else:
        if all(one.severity is Severity.WARNING for one in found):
            compiles(file)
            compiles(mend(file, Selection(), unsafe=True)[0])
    assert time.process_time() - begin < SECONDS
    assert_sound(text, found)


def compiles(file: SourceFile) -> None:
    """What has no errors is a spec: each of its variants has a graph, and a summary."""
    for variant in read_spec(file).variants:
        compile_file(file, variant).summary()


few = settings(max_examples=FEW, suppress_health_check=[HealthCheck.too_slow])
many = settings(few, max_examples=MANY)


def test_the_specs_are_valid() -> None:
    for text in SPECS:
        assert check(SourceFile("spec.yaml", text)) == []


@few
@given(mutated_trees())
def test_mutated_trees(text: str) -> None:
    survives(text)


@few
@given(mutated_texts())
def test_mutated_texts(text: str) -> None:
    survives(text)


@few
@given(made_up_texts())
def test_made_up_texts(text: str) -> None:
    survives(text)


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(PARTS))
@many
@given(text=mutated_trees())
def test_many_mutated_trees(part: int, text: str) -> None:
    survives(text)


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(PARTS))
@many
@given(text=mutated_texts() | made_up_texts())
def test_many_texts(part: int, text: str) -> None:
    survives(text)
