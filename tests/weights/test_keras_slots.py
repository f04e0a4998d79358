"""A Keras file is read without Keras; where each weight lies in it is held against Keras."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphcnn.backends.keras.weights import assign, collect
from graphcnn.compiler import Model, compile_file
from graphcnn.weights import canonical
from tests.backends.keras_models import built
from tests.backends.op_uses import USES, Uses
from tests.weights.files import drawn, got, same

WEIGHTY = [uses for uses in USES if canonical(compile_file(uses.in_graph()).ir)]


@pytest.mark.parametrize("uses", WEIGHTY, ids=str)
def test_every_op_s_weights_are_found(uses: Uses, tmp_path: Path) -> None:
    check(compile_file(uses.in_graph()), tmp_path)


@pytest.mark.exhaustive
@pytest.mark.parametrize("uses", WEIGHTY, ids=str)
def test_whatever_its_attributes_are(uses: Uses, tmp_path: Path) -> None:
    check(compile_file(uses.in_blocks("graph")), tmp_path)


def check(model: Model, tmp_path: Path) -> None:
    live = built(model)
    assign(live, model.ir, drawn(model))
    live.save_weights(tmp_path / "w.weights.h5")
    found = got(tmp_path / "w.weights.h5", model)
    same(found, collect(live, model.ir))
    same(found, drawn(model))
