"""Emitted models beside those of the frameworks' own libraries on a GPU, in turn.

`python -m benchmarks.gpu WAY MODEL ROUNDS` takes one of the two ways in a process of its own, and
prints each mode with the seconds of each pair as JSON. All weights are fresh and all images random.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from statistics import median
from typing import Any

from benchmarks.inference import MODELS, Pair, emitted, in_turn
from benchmarks.processes import output
from benchmarks.table import Table, times

BATCH = 64
#: batches between two looks at the clock
RUN = 10
WARM_UP = 2
WAYS = {"pytorch": "PyTorch: torchvision", "keras": "Keras: keras.applications"}
HEADS = ("rival, model", "mode", "ours, images/s", "theirs", "time of theirs", "of each pair")


def measure(rounds: int) -> Table:
    """Ours and theirs in every round, each first every other time.

    Raises:
        SystemExit: PyTorch finds no GPU.
    """
    import torch

    if not torch.cuda.is_available():
        sys.exit("torch finds no GPU")
    rows = []
    for way, title in WAYS.items():
        for model in MODELS:
            command = (sys.executable, "-m", "benchmarks.gpu", way, model, str(rounds))
            for line in output(command).splitlines():
                rows.append(_row(f"{title}, {model}", *json.loads(line)))
                print(*rows[-1], sep=" | ", file=sys.stderr, flush=True)  # it takes minutes
    versions = (f"{name} {version(name)}" for name in ("torch", "torchvision", "keras", "jax"))
    return Table(HEADS, tuple(rows), ", ".join((torch.cuda.get_device_name(), *versions)))


def _row(rivals: str, mode: str, pairs: list[list[float]]) -> tuple[str, ...]:
    ours, theirs = zip(*pairs, strict=True)
    ratios = [mine / its for mine, its in pairs]
    rates = (f"{BATCH * RUN / median(seconds):,.0f}" for seconds in (ours, theirs))
    return (rivals, mode, *rates, times(median(ratios)), f"{min(ratios):.2f} to {max(ratios):.2f}")


def main(way: str, model: str, rounds: str) -> None:
    """Every mode of a pair, a line each."""
    for mode, pair in {"pytorch": _pytorch, "keras": _keras}[way](model):
        print(json.dumps((mode, in_turn(pair, int(rounds), WARM_UP))), flush=True)


def _pytorch(model: str) -> Iterator[tuple[str, Pair]]:
    import torch

    from tests.reference import torchvision

    images = torch.rand(BATCH, 3, 224, 224, device="cuda")
    both = [emitted(model, "pytorch"), getattr(torchvision().models, model)(weights=None)]
    ours, theirs = (one.cuda().eval() for one in both)

    def inference(module: Any, given: Any) -> Callable[[], object]:
        def run() -> None:
            with torch.inference_mode():
                for _ in range(RUN):
                    module(given)
            torch.cuda.synchronize()

        return run

    def halved(module: Any) -> Callable[[], object]:
        run = inference(module, images.contiguous(memory_format=torch.channels_last))

        def autocast() -> None:
            with torch.autocast("cuda", torch.bfloat16):
                run()

        return autocast

    def training(module: Any) -> Callable[[], object]:
        optimizer = torch.optim.SGD(module.parameters(), lr=1e-3)
        given = images.contiguous(memory_format=torch.channels_last)

        def run() -> None:
            for _ in range(RUN):
                optimizer.zero_grad()
                with torch.autocast("cuda", torch.bfloat16):
                    loss = module(given).square().mean()
                loss.backward()
                optimizer.step()
            torch.cuda.synchronize()

        return run

    yield "inference, float32", (inference(ours, images), inference(theirs, images))
    ours, theirs = (one.to(memory_format=torch.channels_last) for one in (ours, theirs))
    yield "inference, bfloat16", (halved(ours), halved(theirs))
    compiled = [torch.compile(one) for one in (ours, theirs)]
    yield "inference, bfloat16, compiled", (halved(compiled[0]), halved(compiled[1]))
    yield "training, bfloat16", (training(ours.train()), training(theirs.train()))


def _keras(model: str) -> Iterator[tuple[str, Pair]]:
    os.environ["KERAS_BACKEND"] = "jax"
    import jax
    import keras

    images = jax.random.uniform(jax.random.key(0), (BATCH, 224, 224, 3))
    targets = jax.numpy.zeros((BATCH, 1000))

    def inference(built: Any) -> Callable[[], object]:
        trained = [one.value for one in built.trainable_variables]
        others = [one.value for one in built.non_trainable_variables]
        step = jax.jit(lambda x: built.stateless_call(trained, others, x, training=False)[0])

        def run() -> None:
            [step(images) for _ in range(RUN)][-1].block_until_ready()

        return run

    def training(built: Any) -> Callable[[], object]:
        built.compile("sgd", "mse")

        def run() -> None:
            float([built.train_on_batch(images, targets) for _ in range(RUN)][-1])

        return run

    def pair() -> tuple[Any, Any]:
        build = getattr(keras.applications, MODELS[model])
        return emitted(f"{model}_keras", "keras"), build(weights=None, classifier_activation=None)

    ours, theirs = pair()
    yield "inference, float32", (inference(ours), inference(theirs))
    keras.config.set_dtype_policy("mixed_bfloat16")
    ours, theirs = pair()
    yield "inference, bfloat16", (inference(ours), inference(theirs))
    yield "training, bfloat16", (training(ours), training(theirs))


if __name__ == "__main__":
    main(*sys.argv[1:])
