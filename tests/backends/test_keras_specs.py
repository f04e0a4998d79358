"""Structures in Keras: the small specs beside this file."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphcnn.diagnostics import SpecError
from tests import inline
from tests.backends.emitted import SPECS, variants, written
from tests.backends.keras_models import check, emit

NAMES = sorted(path.stem for path in Path(SPECS).glob("*.yaml"))

#: ops of the author's, for which there is no Keras class
FOREIGN = frozenset({"declared_names", "declared_ops"})

#: those that say most about structure; the others take their time
FIRST = frozenset(
    {
        "branches",
        "loops",
        "names_collide",
        "optional",
        "parameters",
        "recursion",
        "residual_skip",
        "reuse",
        "training_outputs",
    }
)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in FIRST else pytest.mark.exhaustive)
        for name in NAMES
        if name not in FOREIGN
    ],
)
def test_structure(name: str) -> None:
    for model in variants(written(name)):
        check(model)


def test_refuses_ops_without_a_class() -> None:
    (model,) = variants(written("declared_names"))
    with pytest.raises(SpecError) as caught:
        emit(model)
    assert {d.code for d in caught.value.diagnostics} == {"unsupported-op"}


def test_uses_the_class_that_the_author_names() -> None:
    head = """
        ops:
          gate:
            attributes: {channels: int, power: 2.0}
            shape: $(in.shape)
            macs: 0
            weights: {weight: "$([channels])"}
            pytorch: tests.backends.layers.Gate
            keras: tests.backends.keras_layers.Gate
    """
    graph = """
        - conv: {out: 4, kernel: 3}
        - {gate: {channels: 4}}
    """
    text = check(inline.model(inline.spec(graph, head=head)))
    assert "from tests.backends.keras_layers import Gate" in text
