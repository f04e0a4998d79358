"""Prose stays prose: nothing that a spec says in words changes the code of an emitted file."""

from __future__ import annotations

import ast

import pytest

from graphcnn.backends.keras.spelling import TAKEN
from graphcnn.backends.python.copied import helpers
from graphcnn.backends.pytorch.reserved import CODE
from tests import inline

BACKENDS = ("pytorch", "keras")

_KNOWN = {
    *CODE,
    *TAKEN,
    *(name for one in BACKENDS for name in helpers(f"graphcnn.backends.{one}")),
}
#: what the code of some file needs, and what the passes over that code look for
WORDS = " ".join(
    [
        *(f"As {name}, {name}. {name}({name}) {name}=" for name in sorted(_KNOWN)),
        "layers.BatchNormalization(epsilon=1e-05, name=bn)(x), layers.DepthwiseConv2D(3).",
        "keras.Model(x) for i in range(3): self.width is None",
    ]
)

SPEC = """
graphcnn: 1
name: net
title: {title}
doc: {doc}
init: {{conv: {{weight: {{normal: 0.02}}}}}}
inputs: {{image: [4, 8, 8]}}
blocks:
  unit:
    doc: {doc}
    parameters: {{width: int}}
    graph: [{{conv: $width, doc: {doc}}}, {{batch_norm: {{eps: 0.001}}}}, relu]
  chain:
    doc: {doc}
    sequence: [{{conv: 4}}, {{batch_norm: {{eps: 0.001}}, id: bn}}]
graph:
  - {{unit: {{width: 4}}}}
  - {{unit: {{width: 6}}, doc: {doc}}}
  - chain
"""


def code(backend: str, doc: str) -> str:
    """The code of the emitted file, without docstrings."""
    text = inline.model(SPEC.format(doc=repr(doc), title=repr("Net"))).build(backend)
    assert isinstance(text, str)
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if (
            isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
            and ast.get_docstring(node) is not None
        ):
            del node.body[0]
    return ast.unparse(tree)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_description_changes_no_code(backend: str) -> None:
    assert code(backend, WORDS) == code(backend, "")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_description_stands_as_it_was_written(backend: str) -> None:
    text = inline.model(SPEC.format(doc=repr(WORDS), title=repr("Net"))).build(backend)
    assert isinstance(text, str)
    found = [
        " ".join((ast.get_docstring(node) or "").split())
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.ClassDef, ast.FunctionDef))
    ]
    assert found.count(WORDS) >= 2


TEXTS = """
graphcnn: 1
name: net
inputs: {image: [4, 6, 6]}
ops:
  noted:
    attributes: {text: str, factor: 3.0}
    shape: $(in.shape)
    macs: 0
    pytorch: tests.backends.more_layers.Noted
    keras: tests.backends.more_keras_layers.Noted
blocks:
  unit:
    parameters: {width: int, depth: int}
    graph:
      - conv: $(2 * width)
      - noted: {text: "$('the depth of width i' if depth > 1 else 'depth is not None')"}
  last:
    parameters: {width: int}
    graph: [{noted: {text: "$('width of in_channels' if width > 4 else 'in_channels')"}}]
graph:
  - {unit: {width: 2, depth: 1}}
  - {unit: {width: 2, depth: 2}}
  - {unit: {width: 3, depth: 2}}
  - {last: {width: 3}}
  - {last: {width: 6}}
"""


@pytest.mark.parametrize("backend", BACKENDS)
def test_words_in_a_text_are_no_names(backend: str) -> None:
    text = inline.model(TEXTS).build(backend)
    assert isinstance(text, str)
    texts = {
        node.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    said = {"the depth of width i", "depth is not None", "width of in_channels", "in_channels"}
    assert said <= texts
