"""Whatever a spec's layout: formatting keeps its model and its comments, and settles at once."""

from __future__ import annotations

import io
import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from graphcnn import syntax
from graphcnn.compiler import compile_file
from graphcnn.diagnostics import SpecError
from graphcnn.formatting import format_spec
from graphcnn.formatting.reader import read
from graphcnn.formatting.writer import write
from graphcnn.report import render_summary
from graphcnn.source import SourceFile

TESTS = Path(__file__).parent.parent
SPECS = sorted((TESTS.parent / "specs").rglob("*.yaml"))
_COMMENT = re.compile(r"(?:^|(?<=[\s,\[{]))#.*")


def _parses(path: Path) -> bool:
    try:
        syntax.parse(syntax.read(path))
    except SpecError:
        return False
    return True


READABLE = [path for path in sorted(TESTS.rglob("*.yaml")) if _parses(path)]


def formatted(text: str) -> str:
    """The text in the layout, without the checks that `format_spec` makes itself."""
    syntax.parse(SourceFile("spec.yaml", text))
    return write(read(text))


def content(text: str) -> object:
    return syntax.plain(syntax.parse(SourceFile("spec.yaml", text)))


def comments(text: str) -> Counter[str]:
    """Comments as a regular expression finds them, which knows nothing of YAML's scalars."""
    return Counter(found.rstrip() for line in text.splitlines() for found in _COMMENT.findall(line))


@pytest.mark.parametrize("path", [*SPECS, *READABLE], ids=lambda path: path.stem)
def test_layout_settles_and_keeps_all(path: Path) -> None:
    text = syntax.read(path).text
    made = formatted(text)
    assert content(made) == content(text)
    assert comments(made) == comments(text)
    assert formatted(made) == made
    assert format_spec(SourceFile("spec.yaml", text)) == made


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_shipped_model_is_the_same(path: Path) -> None:
    """Key order may change there; no layer, name, shape or count may."""
    file = syntax.read(path)
    if "graph" not in syntax.parse(file).entries:  # type: ignore[union-attr]  # specs are mappings
        pytest.skip("a library")
    made = SourceFile(file.name, format_spec(file), file.path)
    assert _figures(made) == _figures(file)


def _figures(file: SourceFile) -> object:
    return _without_lines(json.loads(render_summary(compile_file(file).summary(), "json")))


def _without_lines(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_lines(part) for key, part in value.items() if key != "line"}
    return [_without_lines(part) for part in value] if isinstance(value, list) else value


def relaid(text: str, chance: random.Random) -> str:
    """The text as ruamel.yaml writes it with random indentation, width and styles."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = chance.choice([20, 60, 4096])
    sequence = chance.choice([2, 4, 6])
    yaml.indent(
        mapping=chance.choice([2, 3, 4]), sequence=sequence, offset=chance.randrange(sequence - 1)
    )
    tree = yaml.load(text)
    _restyle(tree, chance)
    stream = io.StringIO()
    yaml.dump(tree, stream)
    return stream.getvalue()


def _restyle(node: object, chance: random.Random) -> None:
    if not isinstance(node, CommentedMap | CommentedSeq):
        return
    if chance.random() < 0.3:
        style = chance.choice([node.fa.set_flow_style, node.fa.set_block_style])
        style()
    for part in node.values() if isinstance(node, CommentedMap) else node:
        _restyle(part, chance)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(path=st.sampled_from(SPECS), chance=st.randoms(use_true_random=False))
def test_any_layout_of_a_shipped_spec_comes_out_well(path: Path, chance: random.Random) -> None:
    text = syntax.read(path).text
    other = relaid(text, chance)
    try:
        said = content(other)
    except SpecError:
        return  # ruamel.yaml puts a comment where it ends a flow collection's text
    made = formatted(other)
    assert content(made) == said
    assert comments(made) == comments(other)
    assert formatted(made) == made


_WORD = st.sampled_from(
    ["a", "conv", "graph", "doc", "blocks", "$x", "'$(a[0])'", '"1"', "1.0e-3", "~", "'it''s'",
     '"b: c"', "'#'", "x y", "&n z", "*n", '"a\n\n  b"', "id", "from", "paths", "residual"]
)  # fmt: skip
_SPACE = st.sampled_from(
    [" ", "  ", "\n ", "\n    ", " # c\n  ", "\n# c\n   ", "\n\n      # d\n   "]
)


@st.composite
def flows(draw: st.DrawFn, depth: int = 3) -> str:
    """A flow collection with comments and breaks where YAML allows them."""
    if depth == 0 or draw(st.integers(0, 2)) == 0:
        return draw(_WORD)
    parts = draw(st.lists(flows(depth - 1), max_size=4))
    gaps = iter(draw(st.lists(_SPACE, min_size=9, max_size=9)))
    if draw(st.booleans()):
        return f"[{','.join(f'{next(gaps)}{part}{next(gaps)}' for part in parts)}{next(gaps)}]"
    pairs = (f"{next(gaps)}k{i}:{next(gaps)}{part}" for i, part in enumerate(parts))
    return f"{{{','.join(pairs)}{next(gaps)}}}"


@st.composite
def blocks(draw: st.DrawFn, indent: int = 0) -> str:
    """A block mapping or list, with comments at any column between its lines."""
    lines: list[str] = []
    sequence = draw(st.booleans())
    for number in range(draw(st.integers(1, 4))):
        if draw(st.integers(0, 2)) == 0:
            lines.append(" " * draw(st.integers(0, 6)) + draw(st.sampled_from(["# e", "#f", ""])))
        key = "-" if sequence else draw(st.sampled_from(["graph", "id", "name", "doc", "x"]))
        head = " " * indent + (key if sequence else f"{key}{number}:")
        kind = draw(st.integers(0, 4))
        if kind == 0 and indent < 12:
            lines += [head + draw(st.sampled_from(["", " # g"])), draw(blocks(indent + 3))]
        elif kind == 1:
            header = draw(st.sampled_from(["|", ">", "|-", "|+", "|  # h"]))
            lines += [f"{head} {header}", " " * (indent + 2) + "text", "", "", " " * 9 + "more"]
        else:
            value = draw(flows()).replace("\n", "\n" + " " * (indent + 2))
            lines.append(f"{head} {value}" + draw(st.sampled_from(["", "  # i"])))
    return "\n".join(lines)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=blocks(), ending=st.sampled_from(["", "\n", "\n\n# end", "\n  # end\n"]))
def test_any_text_comes_out_well(text: str, ending: str) -> None:
    text += ending
    try:
        said = content(text)
    except SpecError:
        return
    made = formatted(text)
    assert content(made) == said, made
    assert formatted(made) == made
    assert format_spec(SourceFile("spec.yaml", text)) == made
