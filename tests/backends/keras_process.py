"""A model in a process of its own, with the backend of Keras that `KERAS_BACKEND` names.

`python keras_process.py FOLDER…` wants in each folder `inputs.npz` and what makes the model: either
`model.keras`, or an emitted `model.py`, the name of its function in `function`, and the numbers in
`model.weights.h5`. It writes `outputs.npz`, and prints the backend. It imports nothing of the
compiler's.
"""

from __future__ import annotations

import runpy
import sys
from inspect import signature
from pathlib import Path
from typing import Any

import keras
import numpy as np


def model_in(folder: Path) -> Any:
    saved = folder / "model.keras"
    if saved.exists():
        return keras.saving.load_model(saved)
    module = runpy.run_path(str(folder / "model.py"))
    build = module[(folder / "function").read_text(encoding="utf-8")]
    several = "training_outputs" in signature(build).parameters
    model = build(training_outputs=True) if several else build()
    model.load_weights(folder / "model.weights.h5")
    return model


def main(*folders: str) -> None:
    print(keras.backend.backend())  # noqa: T201 - it is a script
    for folder in map(Path, folders):
        model = model_in(folder)
        inputs = list(np.load(folder / "inputs.npz").values())
        result = model(inputs[0] if len(inputs) == 1 else inputs, training=False)
        named = result if isinstance(result, dict) else {"output": result}
        found = {name: keras.ops.convert_to_numpy(value) for name, value in named.items()}
        np.savez(folder / "outputs.npz", **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
