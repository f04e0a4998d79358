"""How long `graphcnn` takes, from the shell's prompt and back to it: `make bench`.

Every run is a fresh process, as a user's would be, so the figures hold the interpreter's start,
the imports, the compiling and the writing. The median of several runs is printed.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMAND = Path(sys.executable).with_name("graphcnn")
MODELS = ("resnet18", "resnet50", "resnet152")


def seconds(*arguments: str) -> float:
    """The wall-clock time of one run of the command line."""
    start = time.perf_counter()
    subprocess.run([COMMAND, *arguments], check=True, capture_output=True)
    return time.perf_counter() - start


def report(label: str, times: list[float]) -> None:
    print(f"{label:<28}{statistics.median(times):>8.2f} s   (fastest {min(times):.2f} s)")


def main() -> None:
    """Time the command's start, then one build of each model."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("models", nargs="*", default=MODELS, help=f"default: {' '.join(MODELS)}")
    parser.add_argument("--runs", type=int, default=5, help="fresh processes for each figure")
    arguments = parser.parse_args()

    report("graphcnn --help", [seconds("--help") for _ in range(arguments.runs)])
    with tempfile.TemporaryDirectory() as folder:
        for model in arguments.models:
            output = str(Path(folder, f"{model}.py"))
            build = ("build", model, "--backend", "pytorch", "-o", output)
            report(f"graphcnn build {model}", [seconds(*build) for _ in range(arguments.runs)])


if __name__ == "__main__":
    main()
