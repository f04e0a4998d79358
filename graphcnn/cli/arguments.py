"""Arguments and options that several commands share, and how they are completed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from graphcnn.commands.shell import show

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from graphcnn.compiler import Model


def complete_model(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from graphcnn.commands.complete import models

    files = click.File().shell_complete(context, parameter, incomplete)
    return [*map(CompletionItem, models(incomplete)), *files]


def complete_backend(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    from graphcnn.backends import names

    return [name for name in names() if name.startswith(incomplete)]


def complete_op(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    from graphcnn.ops import BY_NAME

    return [name for name in BY_NAME if name.startswith(incomplete)]


def complete_code(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    from graphcnn.codes import CODES

    return [code for code in CODES if code.startswith(incomplete)]


model_argument = click.argument("model", shell_complete=complete_model)
set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a parameter of the spec, as in --set classes=10; the value is YAML.",
)


only_specs_option = click.option(
    "--only-specs",
    is_flag=True,
    help="Pass by YAML files in which no line begins with `graphcnn:`.",
)


def format_option(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(
        "--format", "format", type=click.Choice(names), default=names[0], show_default=True
    )


def codes_option(*names: str, help: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(*names, multiple=True, metavar="CODES", help=help)


def load(model: str, settings: Sequence[str]) -> Model:
    from graphcnn.commands.settings import parse_settings
    from graphcnn.compiler import compile_file, locate

    loaded = compile_file(*locate(model), parse_settings(settings))
    show(loaded.warnings)
    return loaded
