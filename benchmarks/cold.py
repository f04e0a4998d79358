"""What a command takes from the shell's prompt and back to it: the start, the imports, the work."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from benchmarks.processes import Runs, in_turn, once, resident
from benchmarks.table import Table, megabytes, milliseconds, times

NOTHING = "`python -c pass`"
IMPORTS = "`import yaml, jsonschema, networkx`"
VALIDATE = "`graphcnn validate specs/resnet.yaml`"
SUMMARY = "`graphcnn summary resnet50`"

_ONNX = """\
import sys
import onnx
onnx.shape_inference.infer_shapes(onnx.load(sys.argv[1]), strict_mode=True)
"""
# See tests/reference.py for why torchvision is not simply imported.
_TORCHINFO = """\
import torchinfo
from tests.reference import torchvision
print(torchinfo.summary(torchvision().models.resnet50(), (1, 3, 224, 224), verbose=0))
"""
_TORCH = "import torchinfo; from tests.reference import torchvision; torchvision()"


def measure(rounds: int) -> Table:
    """Every contender in every round."""
    with tempfile.TemporaryDirectory() as folder:
        found = in_turn(_commands(Path(folder)), rounds)
    rows = [_row(name, runs, found[IMPORTS]) for name, runs in found.items()]
    heads = ("process", "median", "fastest", "processor", "of the imports", "memory")
    return Table(heads, tuple(rows))


def _row(name: str, runs: Runs, imports: Runs) -> tuple[str, ...]:
    return (
        name,
        milliseconds(runs.wall),
        milliseconds(runs.fastest),
        milliseconds(runs.cpu),
        times(runs.ratio(imports)),
        megabytes(runs.bytes) if runs.bytes > resident() else f"< {megabytes(resident())}",
    )


def _commands(folder: Path) -> dict[str, Sequence[str]]:
    """The contenders that are installed."""
    graphcnn = str(Path(sys.executable).with_name("graphcnn"))
    python = (sys.executable, "-c")
    commands: dict[str, Sequence[str]] = {
        NOTHING: (*python, "pass"),
        IMPORTS: (*python, "import yaml, jsonschema, networkx"),
        "`graphcnn --help`": (graphcnn, "--help"),
        VALIDATE: (graphcnn, "validate", "specs/resnet.yaml"),
        SUMMARY: (graphcnn, "summary", "resnet50"),
        "`graphcnn validate specs`, all that is shipped": (graphcnn, "validate", "specs"),
    }
    if find_spec("onnx") is not None:
        model = os.fspath(folder / "resnet50.onnx")
        once((sys.executable, "-m", "benchmarks.onnx_model", model))
        commands["`onnx.shape_inference` of ResNet-50"] = (*python, _ONNX, model)
    if find_spec("torchinfo") is not None and find_spec("torchvision") is not None:
        commands["`import torch, torchvision, torchinfo`"] = (*python, _TORCH)
        commands["`torchinfo.summary` of torchvision's ResNet-50"] = (*python, _TORCHINFO)
    return commands
