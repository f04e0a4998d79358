"""Commands about the language: `ops`, `schema`, `new`, `explain`."""

from __future__ import annotations

import sys

import click

from graphcnn.cli.arguments import complete_code, complete_op
from graphcnn.commands.shell import emit, wants_color


@click.command()
@click.argument("name", required=False, shell_complete=complete_op)
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


@click.command()
def schema() -> None:
    """Print the JSON Schema of specs, for editors."""
    from graphcnn.schema import text

    emit(text())


@click.command()
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


@click.command()
@click.argument("code", required=False, shell_complete=complete_code)
def explain(code: str | None) -> None:
    """Say what a diagnostic means, and how to mend it; or list them all."""
    from graphcnn.commands.explain import explanation, listing

    color = wants_color(sys.stdout)
    emit(listing(color=color) if code is None else explanation(code, color=color))
