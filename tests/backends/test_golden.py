"""Emitted files, byte for byte: what a change of the emitter does to them is seen in a diff.

``pytest --update-golden`` writes them anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import graphcnn
from tests.backends.emitted import variants, written

FOLDER = Path(__file__).parents[1] / "golden"

SHIPPED = (
    *("resnet18", "resnet50", "densenet121", "googlenet", "mobilenet_v2"),
    *("squeezenet1_1", "vgg11_bn", "lenet5"),
)
#: small ones, each for what it shows: blocks of several inputs, optional shortcuts, blocks that
#: use themselves, several inputs and outputs, outputs in training alone
OWN = ("block_inputs", "residual_skip", "recursion", "inputs_outputs", "training_outputs")

NAMES = {
    "pytorch": (*SHIPPED, *OWN, "recursive_levels", "reserved_parameters", "reuse_in_loops"),
    "keras": (
        *(*SHIPPED, *OWN, "declared_names"),
        *(
            "recursive_joins",
            "reuse_in_block",
            "reuse_in_loops",
            "feature_pyramid",
            "shared_heads",
            "unet",
        ),
    ),
}


@pytest.mark.parametrize(
    ("backend", "name"), [(backend, name) for backend, names in NAMES.items() for name in names]
)
def test_emits_what_it_did(backend: str, name: str, request: pytest.FixtureRequest) -> None:
    model = graphcnn.load(name) if name in SHIPPED else variants(written(name))[0]
    text, path = model.build(backend), FOLDER / backend / f"{name}.py"
    assert isinstance(text, str)
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.read_bytes() == text.encode(), "pytest --update-golden writes it anew"


@pytest.mark.parametrize("backend", NAMES)
def test_no_golden_file_is_left_over(backend: str) -> None:
    found = {path.stem for path in (FOLDER / backend).glob("*.py")}
    assert found == set(NAMES[backend])
