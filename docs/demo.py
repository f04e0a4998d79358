"""Run an emitted model on a photograph: `python docs/demo.py build/resnet50.py`.

The file is imported as any module would be; nothing of GraphCNN is. The weights are random, so the
classes mean nothing: what this shows is that the emitted code stands alone and runs.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from PIL import Image
from skimage import data
from torch import Tensor

# What ImageNet's classifiers expect of each colour.
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)


def import_file(path: Path) -> ModuleType:
    """The module in the file at ``path``."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def photograph(side: int) -> Tensor:
    """A cat called Chelsea, as a batch of one square image."""
    pixels = np.asarray(Image.fromarray(data.chelsea()).resize((side, side)), dtype=np.float32)
    image = torch.from_numpy(pixels / 255).permute(2, 0, 1)
    return ((image - MEAN) / DEVIATION).unsqueeze(0)


def main() -> None:
    """Import the model, run it once, say what came out."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("file", type=Path, help="a file that `graphcnn build` wrote")
    parser.add_argument("--side", type=int, default=224, help="height and width of the input")
    arguments = parser.parse_args()

    torch.manual_seed(0)
    module = import_file(arguments.file)
    # The function that builds the model has the file's name: resnet50.py holds resnet50().
    model = getattr(module, arguments.file.stem)().eval()
    image = photograph(arguments.side)
    start = time.perf_counter()
    with torch.inference_mode():
        logits = model(image)
    seconds = time.perf_counter() - start

    parameters = sum(parameter.numel() for parameter in model.parameters())
    lines = arguments.file.read_text(encoding="utf-8").count("\n")
    best = logits.softmax(1)[0].topk(3)
    classes = ", ".join(
        f"{index} ({p:.1%})" for p, index in zip(*map(Tensor.tolist, best), strict=True)
    )
    print(f"{arguments.file}: {lines} lines, {parameters:,} parameters")
    print(f"{tuple(image.shape)} -> {tuple(logits.shape)} in {seconds:.2f} s")
    print(f"highest of {logits.shape[1]} classes, under random weights: {classes}")


if __name__ == "__main__":
    main()
