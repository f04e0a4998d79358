"""The command line: arguments and exit codes, no logic.

Exit codes: 0, all is well; 1, there are findings; 2, a wrong request (an unknown model, a bad
option, an output that cannot be written); 3, `verify` cannot tell; 70, a bug in graphcnn; 129, 130,
143, told to end by SIGHUP, SIGINT, SIGTERM; 141, the reader of the output has left.

Each command imports what it needs when it runs, so that `graphcnn --help` answers at once.
"""

from __future__ import annotations

import click

from graphcnn.cli.checking import diff, fmt, validate
from graphcnn.cli.language import explain, new, ops, schema
from graphcnn.cli.models import build, summary, verify, weights, zoo
from graphcnn.commands.shell import Program


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


for _command in (
    validate, fmt, diff,
    summary, build, weights, verify, zoo,
    ops, schema, new, explain,
):  # fmt: skip
    main.add_command(_command)
