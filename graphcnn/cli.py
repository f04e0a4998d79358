"""The command line: arguments and exit codes, no logic.

Exit codes: 0, all is well; 1, there are findings; 2, a wrong request (an unknown model, a bad
option, an output that cannot be written); 70, a bug in graphcnn; 130, interrupted; 141, the
reader of the output has left.

Each command imports what it needs when it runs, so that `graphcnn --help` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from graphcnn.commands.shell import (
    FINDINGS,
    PATHS,
    USAGE,
    Program,
    WithPaths,
    complain,
    emit,
    show,
    wants_color,
)

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from graphcnn.compiler import Model


# --- arguments that several commands share -----------------------------------------------


def _complete_model(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from graphcnn.commands.complete import models

    files = click.File().shell_complete(context, parameter, incomplete)
    return [*map(CompletionItem, models(incomplete)), *files]


def _complete_backend(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    from graphcnn.backends import names

    return [name for name in names() if name.startswith(incomplete)]


def _complete_op(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    from graphcnn.ops import BY_NAME

    return [name for name in BY_NAME if name.startswith(incomplete)]


def _complete_code(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    from graphcnn.codes import CODES

    return [code for code in CODES if code.startswith(incomplete)]


_model = click.argument("model", shell_complete=_complete_model)
_set = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a parameter of the spec, as in --set classes=10; the value is YAML.",
)


_only_specs = click.option(
    "--only-specs",
    is_flag=True,
    help="Pass by YAML files in which no line begins with `graphcnn:`.",
)


def _format(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(
        "--format", "format", type=click.Choice(names), default=names[0], show_default=True
    )


def _codes(*names: str, help: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(*names, multiple=True, metavar="CODES", help=help)


def _load(model: str, settings: Sequence[str]) -> Model:
    from graphcnn.commands.settings import parse_settings
    from graphcnn.compiler import compile_file, locate

    loaded = compile_file(*locate(model), parse_settings(settings))
    show(loaded.warnings)
    return loaded


# --- the commands ------------------------------------------------------------------------


def _print_version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"graphcnn {version('graphcnn')}")
        context.exit()


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="MODEL is a path (nets/mine.yaml), a path and a variant (nets/mine.yaml:large), or the "
    "name of a shipped model (resnet50). In ~/.bashrc, "
    '`eval "$(_GRAPHCNN_COMPLETE=bash_source graphcnn)"` completes all of these; zsh and fish '
    "have zsh_source and fish_source.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Compile YAML descriptions of convolutional networks into readable code."""


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path())
@_format("text", "json", "github", "sarif", "junit")
@_codes("--select", help="The warnings to look for, such as unused,last-dropout; ALL by default.")
@_codes("--ignore", help="The warnings to leave out.")
@click.option("--fix", is_flag=True, help="Mend what can be mended with the model as it is.")
@click.option("--unsafe-fixes", is_flag=True, help="Mend also what changes the model or its use.")
@_only_specs
@click.option(
    "-j", "--jobs", metavar="N", type=click.IntRange(min=1),
    help="How many processes to use at most, where they pay; as many as cores by default.",
)  # fmt: skip
def validate(
    *, paths: tuple[str, ...], format: str, select: tuple[str, ...], ignore: tuple[str, ...],
    fix: bool, unsafe_fixes: bool, only_specs: bool, jobs: int | None,
) -> int:  # fmt: skip
    """Check specs: files, whole folders, or - for standard input.

    All variants of each are checked, and all that is wrong is shown in one run, warnings where
    there are no errors. The exit code is 1 if there is anything to show.
    """
    from graphcnn.commands.checking import cores
    from graphcnn.commands.progress import progress
    from graphcnn.commands.project import Wanted
    from graphcnn.commands.specs import validate_all
    from graphcnn.report import render_diagnostics

    wanted = Wanted.of(select, ignore)
    if fix or unsafe_fixes:
        from graphcnn.commands.fix import fix_all

        for line in fix_all(paths, wanted, unsafe=unsafe_fixes):
            click.echo(line, err=True)
    with progress() as tell:
        findings = validate_all(
            paths,
            wanted,
            only_specs=only_specs,
            jobs=jobs or cores(),
            watch=lambda done, of: tell(f"{done:,} of {of:,} specs checked", done / of),
        )
    found = findings.diagnostics
    color = wants_color(sys.stdout)
    emit(render_diagnostics(found, format, checked=findings.checked, color=color))
    if format == "text" and not found and findings.specs:
        emit(f"{findings.specs} spec{'s' if findings.specs > 1 else ''}, no errors\n")
    for message in dict.fromkeys(map(str, findings.failed)):
        complain(message)
    if findings.failed:
        return USAGE
    return FINDINGS if found else 0


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path())
@click.option("--check", is_flag=True, help="Write nothing; name the files that would change.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
@_only_specs
def fmt(paths: tuple[str, ...], *, check: bool, diff: bool, only_specs: bool) -> int:
    """Lay specs out in one way: files, whole folders, or - for standard input.

    Comments stay, and so does what the spec says. With --check and --diff the exit code is 1 where
    a file would change; it is 2 where one cannot be formatted.
    """
    from graphcnn.commands.fmt import format_all, summary

    rewrite = not (check or diff)
    run = format_all(paths, rewrite=rewrite, only_specs=only_specs)
    for result in run.changed:
        if diff:
            emit(result.diff())
        elif check:
            emit(f"would reformat {result.file.name}\n")
    show(run.diagnostics)
    for message in run.failed:
        complain(message)
    if run.results and not (rewrite and "-" in paths):
        click.echo(summary(run, rewrite=rewrite), err=diff)
    if run.diagnostics or run.failed:
        return USAGE
    return FINDINGS if run.changed and not rewrite else 0


@main.command()
@_model
@_set
@_format("text", "json", "csv", "markdown")
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

    figures = _load(model, settings).summary()
    emit(render_summary(figures, format, depth=depth, color=wants_color(sys.stdout)))


@main.command(cls=WithPaths)
@click.argument("names", nargs=-1, metavar="A [B] [-- PATH...]", shell_complete=_complete_model)
@_format("text", "markdown", "json")
@click.option(
    "--exit-code", is_flag=True, help="Exit with 1 if there are differences, as git diff does."
)
@click.pass_context
def diff(context: click.Context, *, names: tuple[str, ...], format: str, exit_code: bool) -> int:
    """Show what is different between two models, or in specs since a revision of git.

    A and B are models: then layers and figures of one are compared with those of the other, for all
    variants where none is named. With --, or alone, they are revisions, and what is compared are
    the specs that changed between them, or between A and the working tree; a PATH is a spec or a
    folder of them.
    """
    from graphcnn.commands.diff import compare
    from graphcnn.report import render_comparison

    found = compare(names, context.meta.get(PATHS))
    emit(render_comparison(found, format, color=wants_color(sys.stdout)))
    show(found.diagnostics)
    return FINDINGS if found.is_broken or (exit_code and not found.is_empty) else 0


@main.command()
@_model
@_set
@click.option(
    "-b", "--backend", required=True, metavar="NAME", shell_complete=_complete_backend,
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
def build(
    model: str, settings: tuple[str, ...], backend: str, output: str, weights: str | None,
    seed: int | None,
) -> None:  # fmt: skip
    """Write a model as code, or as a file that a runtime loads.

    The file is complete or not there at all. Folders are not created.
    """
    from graphcnn.commands.build import build

    build(_load(model, settings), backend, output, weights, seed)


@main.group()
def weights() -> None:
    """Move weights between files of different frameworks."""


@weights.command()
@click.argument("source", metavar="SRC", type=click.Path())
@click.argument("destination", metavar="DST", type=click.Path())
@click.option(
    "--model", required=True, metavar="MODEL", shell_complete=_complete_model,
    help="The model that the weights are of.",
)  # fmt: skip
@_set
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

    emit(convert(_load(model, settings), source, destination, rules, structural=structural))


@main.command()
@_model
@_set
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
@click.option("--train", is_flag=True, help="Compare loss and gradients of a training step too.")
@click.option(
    "--tolerance", metavar="E", type=click.FloatRange(min=0, min_open=True), default=1e-4,
    show_default=True, help="The largest error that passes, as a part of the largest value.",
)  # fmt: skip
@click.option(
    "--trust", is_flag=True,
    help="Import the classes that the spec names for ops of its own, which runs their code.",
)  # fmt: skip
@_format("text", "json")
def verify(
    *, model: str, settings: tuple[str, ...], backends: str | None, sizes: tuple[str, ...],
    seed: int, train: bool, tolerance: float, trust: bool, format: str,
) -> int:  # fmt: skip
    """Run a model in every framework, and compare what it computes.

    Random weights, from one file, and random inputs. Compared are all outputs, the value of every
    node, and the numbers of parameters.
    """
    from graphcnn.commands.progress import progress
    from graphcnn.commands.verify import render
    from graphcnn.commands.verify import verify as run
    from graphcnn.verification import Settings
    from graphcnn.verification.sizes import parse

    wanted = Settings(seed, tolerance, parse(sizes), train, trust)
    checked = _load(model, settings)
    with progress(delay=0.0) as tell:
        found = run(checked, backends, wanted, tell)
    emit(render(found, format, color=wants_color(sys.stdout)))
    return 0 if found.passed else FINDINGS


@main.command()
@click.argument("query", nargs=-1)
@_format("text", "json", "markdown")
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


@main.command()
@click.argument("name", required=False, shell_complete=_complete_op)
@click.option("--support", is_flag=True, help="Show how each backend has them.")
@click.option(
    "--format", "format", type=click.Choice(["text", "json", "markdown"]),
    help="Of the table of --support; text by default.",
)  # fmt: skip
def ops(name: str | None, support: bool, format: str | None) -> None:
    """List the layers of the language, or describe one."""
    from graphcnn.commands.ops import description, listing, named

    color = wants_color(sys.stdout)
    if support:
        from graphcnn.commands.support import render, rows

        found = rows() if name is None else rows([named(name)])
        emit(render(found, format or "text", color=color))
    elif format is not None:
        raise click.UsageError("--format is for the table of --support")
    else:
        emit(listing(color=color) if name is None else description(name, color=color))


@main.command()
def schema() -> None:
    """Print the JSON Schema of specs, for editors."""
    from graphcnn.schema import text

    emit(text())


@main.command()
@click.argument("name")
@click.option(
    "-o", "--output", metavar="PATH", type=click.Path(),
    help="Where to write it; NAME.yaml by default, - for standard output.",
)  # fmt: skip
def new(name: str, output: str | None) -> None:
    """Write a commented spec to start from.

    A file that exists is left alone.
    """
    from graphcnn.commands.new import create

    path = create(name, output)
    if path != "-":
        click.echo(f"wrote {path}; next: graphcnn summary {path}", err=True)


@main.command()
@click.argument("code", required=False, shell_complete=_complete_code)
def explain(code: str | None) -> None:
    """Say what a diagnostic means, and how to mend it; or list them all."""
    from graphcnn.commands.explain import explanation, listing

    color = wants_color(sys.stdout)
    emit(listing(color=color) if code is None else explanation(code, color=color))
