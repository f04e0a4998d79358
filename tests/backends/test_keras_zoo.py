"""The shipped models in Keras, on small images of odd sizes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from graphcnn.compiler import Model, compile_file, locate
from tests.backends.keras_models import check

#: small members of some families; `tests/verification/test_zoo.py` has them all
NAMES = ("lenet5", "resnet18", "squeezenet1_1")


def small(name: str) -> Model:
    """A shipped model for images of 97 x 65, where pools that round up have something to do."""
    file, variant = locate(name)
    if "[3, 224, 224]" not in file.text:
        return compile_file(file, variant)
    text = file.text.replace("[3, 224, 224]", "[3, 97, 65]")
    return compile_file(replace(file, text=text), variant, {"classes": 10})


@pytest.mark.parametrize("name", NAMES)
def test_outputs_are_those_of_the_graph(name: str) -> None:
    check(small(name))


def test_training_outputs_are_asked_for() -> None:
    text = small_text("googlenet")
    assert "training_outputs: bool = False" in text
    assert text.count("if training_outputs:") == 1


def small_text(name: str) -> str:
    from graphcnn.backends.keras import backend

    return backend.emit(small(name))


def test_emitting_loads_no_framework() -> None:
    script = """
import sys
import graphcnn
graphcnn.load("resnet18").build("keras")
print(*{name.partition(".")[0] for name in sys.modules} & {"jax", "keras", "tensorflow", "torch"})
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
