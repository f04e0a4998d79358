"""Commands for models: `summary`, `build`, `weights`, `verify`, `zoo`."""

from __future__ import annotations

import sys

import click

from graphcnn.cli.arguments import (
    complete_backend,
    complete_model,
    format_option,
    load,
    model_argument,
    set_option,
)
from graphcnn.commands.shell import FINDINGS, UNDECIDED, complain, emit, wants_color


@click.command()
@model_argument
@set_option
@format_option("text", "json", "csv", "markdown")
@click.option(
    "--depth",
    type=click.IntRange(min=1),
    help="Fold the scopes that lie deeper, in text and markdown.",
)
def summary(model: str, settings: tuple[str, ...], format: str, depth: int | None) -> None:
    """Show a model's layers, shapes, parameters and costs."""
    if depth is not None and format not in ("text", "markdown"):
        raise click.UsageError(f"--depth folds a table; --format {format} lists every layer")
    from graphcnn.report import render_summary

    figures = load(model, settings).summary()
    emit(render_summary(figures, format, depth=depth, color=wants_color(sys.stdout)))


@click.command()
@model_argument
@set_option
@click.option(
    "-b", "--backend", required=True, metavar="NAME", shell_complete=complete_backend,
    help="What to build, such as pytorch.",
)  # fmt: skip
@click.option(
    "-o", "--output", default="-", metavar="PATH", type=click.Path(),
    help="Where to write it; standard output by default.",
)  # fmt: skip
@click.option(
    "--weights", metavar="FILE", type=click.Path(),
    help="The weights (safetensors), for a backend whose files hold them, such as onnx.",
)  # fmt: skip
@click.option(
    "--seed", metavar="N", type=int,
    help="Draw fresh weights from this seed instead, 0 by default.",
)  # fmt: skip
@click.option(
    "--opset", metavar="N", type=int,
    help="The version of ONNX' operators, 17 to 26; 21 by default, or what the ops need.",
)  # fmt: skip
def build(
    model: str, settings: tuple[str, ...], backend: str, output: str, weights: str | None,
    seed: int | None, opset: int | None,
) -> None:  # fmt: skip
    """Write a model as code, or as a file that a runtime loads.

    The file is complete or not there at all. Folders are not created.
    """
    from graphcnn.commands.build import build

    remark = build(load(model, settings), backend, output, weights, seed, opset)
    if remark:
        complain(remark)


@click.group()
def weights() -> None:
    """Move weights between files of different frameworks."""


@weights.command()
@click.argument("source", metavar="SRC", type=click.Path())
@click.argument("destination", metavar="DST", type=click.Path())
@click.option(
    "--model", required=True, metavar="MODEL", shell_complete=complete_model,
    help="The model that the weights are of.",
)  # fmt: skip
@set_option
@click.option(
    "--rules", metavar="FILE", type=click.Path(),
    help="What the tensors of a foreign file are called here: a YAML list of `pattern: name`.",
)  # fmt: skip
@click.option(
    "--structural", is_flag=True,
    help="Match what names and rules leave by order and shape, and say what was matched.",
)  # fmt: skip
def convert(
    source: str, destination: str, model: str, settings: tuple[str, ...], rules: str | None,
    structural: bool,
) -> None:  # fmt: skip
    """Convert a file of weights to another kind.

    What a file is, is seen by how its name ends: .safetensors (the canonical kind), .pt or .pth
    (PyTorch), .weights.h5 or .keras (Keras), .onnx. Names, shapes and completeness are checked
    before anything is written.
    """
    from graphcnn.commands.weights import convert

    emit(convert(load(model, settings), source, destination, rules, structural=structural))


@click.command()
@model_argument
@set_option
@click.option(
    "--backends", metavar="NAMES",
    help="Which to run, such as pytorch,onnx; all that are installed by default.",
)  # fmt: skip
@click.option(
    "--size", "sizes", multiple=True, metavar="NAME=N",
    help="A number for a size that an input leaves open, as in --size H=64.",
)  # fmt: skip
@click.option(
    "--seed", metavar="N", type=int, default=0, show_default=True,
    help="Where random weights and inputs begin.",
)  # fmt: skip
@click.option(
    "--device", metavar="NAME", type=click.Choice(["cpu", "gpu"]), default="cpu", show_default=True,
    help="Run it on the cpu or on the first gpu.",
)  # fmt: skip
@click.option("--train", is_flag=True, help="Compare loss and gradients of a training step too.")
@click.option(
    "--tolerance", metavar="E", type=click.FloatRange(min=0, min_open=True), default=1e-4,
    show_default=True, help="The largest error that passes, as a part of the largest value.",
)  # fmt: skip
@click.option(
    "--trust", is_flag=True,
    help="Import the classes that the spec names for ops of its own, which runs their code.",
)  # fmt: skip
@format_option("text", "json")
def verify(
    *, model: str, settings: tuple[str, ...], backends: str | None, sizes: tuple[str, ...],
    seed: int, device: str, train: bool, tolerance: float, trust: bool, format: str,
) -> int:  # fmt: skip
    """Run a model in every framework, and compare what it computes.

    Random weights, from one file, and random inputs. Compared are all outputs, the value of every
    node, and the numbers of parameters.
    """
    from graphcnn.backends import Device
    from graphcnn.commands.progress import progress
    from graphcnn.commands.verify import render
    from graphcnn.commands.verify import verify as run
    from graphcnn.verification import Settings, Verdict
    from graphcnn.verification.sizes import parse

    wanted = Settings(seed, tolerance, parse(sizes), train, trust, Device(device))
    checked = load(model, settings)
    with progress(delay=0.0) as tell:
        found = run(checked, backends, wanted, tell)
    emit(render(found, format, color=wants_color(sys.stdout)))
    return {Verdict.PASSED: 0, Verdict.UNDECIDED: UNDECIDED}.get(found.verdict, FINDINGS)


@click.command()
@click.argument("query", nargs=-1)
@format_option("text", "json", "markdown")
def zoo(query: tuple[str, ...], format: str) -> int:
    """List the models that come with graphcnn, or those that fit.

    A QUERY is a word of the name, title or description, or a condition such as 'params<5M', in
    quotes. The figures are params, buffers, macs, activations, receptive_field, input (the longest
    side) and year. Of several, all are to hold.
    """
    from graphcnn.commands.zoo import find, hint, render

    found = find(query)
    if found or format == "json":
        emit(render(found, format, color=wants_color(sys.stdout)))
    if not found:
        complain("no model fits" + (f"; {meant}" if (meant := hint(query)) else ""))
    return 0 if found else FINDINGS
