"""Emitted models beside those of the frameworks' own libraries, batch after batch in turn.

`python -m benchmarks.inference WAY MODEL ROUNDS` takes one of the three ways in a process of its
own, and prints the seconds of each pair of batches as JSON. All weights are fresh, which changes no
time.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any

from benchmarks.processes import output
from benchmarks.table import Table, milliseconds, times

BATCH = 4
#: in both libraries: torchvision's name, and that in keras.applications
MODELS = {"resnet50": "ResNet50", "mobilenet_v2": "MobileNetV2", "densenet121": "DenseNet121"}
WAYS = {
    "pytorch": "PyTorch: torchvision",
    "keras": "Keras: keras.applications",
    "onnx": "onnxruntime: torch.onnx.export",
}

Pair = tuple[Callable[[], object], Callable[[], object]]


def measure(rounds: int) -> Table:
    """Ours and theirs in every round, each first every other time."""
    rows = []
    for way, title in WAYS.items():
        for model in MODELS:
            command = (sys.executable, "-m", "benchmarks.inference", way, model, str(rounds))
            pairs: list[list[float]] = json.loads(output(command))
            ours, theirs = zip(*pairs, strict=True)
            ratio = median(mine / its for mine, its in pairs)
            figures = (median(ours), median(theirs), min(ours), min(theirs))
            rows.append((f"{title}, {model}", *map(milliseconds, figures), times(ratio)))
    heads = ("rival, model", "ours", "theirs", "our fastest", "their fastest", "of theirs")
    return Table(heads, tuple(rows))


def main(way: str, model: str, rounds: str) -> None:
    """The seconds of both in each round."""
    pair = {"pytorch": _pytorch, "keras": _keras, "onnx": _onnx}[way](model)
    print(json.dumps(in_turn(pair, int(rounds), warm_up=3)))


def in_turn(pair: Pair, rounds: int, warm_up: int) -> list[tuple[float, float]]:
    """The seconds of both of a pair, each first every other time; what warms up is not counted."""
    ours, theirs = pair
    found = []
    for number in range(-warm_up, rounds):
        if number % 2:
            other, mine = _seconds(theirs), _seconds(ours)
        else:
            mine, other = _seconds(ours), _seconds(theirs)
        if number >= 0:
            found.append((mine, other))
    return found


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def emitted(model: str, backend: str) -> Any:
    """The model that an emitted file builds."""
    import graphcnn

    text = graphcnn.load(model).build(backend)
    module = ModuleType(model)
    exec(str(text), module.__dict__)  # noqa: S102  # we have just written it
    return vars(module)[model]()


def _pytorch(model: str) -> Pair:
    import torch

    from tests.reference import torchvision

    torch.set_num_threads(1)  # several wait for one another where other programs run
    images = torch.rand(BATCH, 3, 224, 224)
    ours = emitted(model, "pytorch").eval()
    theirs = getattr(torchvision().models, model)(weights=None).eval()

    def run(module: Any) -> object:
        with torch.inference_mode():
            return module(images)

    return lambda: run(ours), lambda: run(theirs)


def _keras(model: str) -> Pair:
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import keras
    import numpy as np

    images = np.random.default_rng(0).random((BATCH, 224, 224, 3), np.float32)
    ours = emitted(f"{model}_keras", "keras")
    build = getattr(keras.applications, MODELS[model])
    theirs = build(weights=None, classifier_activation=None)
    return lambda: ours.predict_on_batch(images), lambda: theirs.predict_on_batch(images)


def _onnx(model: str) -> Pair:
    import numpy as np
    import onnxruntime
    import torch

    import graphcnn
    from graphcnn.commands.build import build
    from tests.reference import torchvision

    images = np.random.default_rng(0).random((BATCH, 3, 224, 224), np.float32)
    theirs = getattr(torchvision().models, model)(weights=None).eval()
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("ours.onnx", "theirs.onnx")]
        build(graphcnn.load(model), "onnx", str(paths[0]))
        torch.onnx.export(
            theirs,
            (torch.from_numpy(images),),
            paths[1],
            dynamo=False,  # the newer exporter needs onnxscript
            input_names=["image"],
            dynamic_axes={"image": {0: "N"}},
        )
        provider = ["CPUExecutionProvider"]
        first, second = (onnxruntime.InferenceSession(path, providers=provider) for path in paths)
    return lambda: first.run(None, {"image": images}), lambda: second.run(None, {"image": images})


if __name__ == "__main__":
    main(*sys.argv[1:])
