"""How a run of the command line speaks and ends: streams, colours, exit codes."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from types import FrameType

    from graphcnn.diagnostics import Diagnostic

FINDINGS, USAGE, UNDECIDED, BUG, INTERRUPTED, BROKEN_PIPE = 1, 2, 3, 70, 130, 141


class _ReaderLeft(Exception):
    """Whoever read the output has gone. Of BrokenPipeError click makes an exit code of 1."""


class Program(click.Group):
    """The whole of `graphcnn`; turns every exception into a message and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise _ReaderLeft from None

    def main(  # type: ignore[override]  # one signature for what click has two overloads for
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> int:
        """Run, and leave the process with an exit code; see :meth:`click.Command.main`."""
        _prepare_streams()
        if standalone_mode:
            _end_in_order()
        run = super().main
        code = _guarded(lambda: run(args, prog_name, complete_var, standalone_mode=False, **extra))
        if standalone_mode:
            sys.exit(code)
        return code


PATHS = "graphcnn.paths"
"""Where the context of a command that is ``WithPaths`` keeps what stands behind `--`."""


class WithPaths(click.Command):
    """A command to which `--` means something: what stands behind it are paths, as git has it.

    Click would drop the `--` and take both sides of it for the same.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--" in args:
            at = args.index("--")
            ctx.meta[PATHS] = tuple(args[at + 1 :])
            args = args[:at]
        return super().parse_args(ctx, args)


def _prepare_streams() -> None:
    """A terminal that cannot show a character is shown its number instead of a traceback."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _end_in_order() -> None:
    """Being told to end undoes what is half done, as Ctrl-C does: no file is left beside its place.

    Whoever starts this with one of the signals ignored, as `nohup` does, keeps it so.
    """
    for name in ("SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _guarded(run: Callable[[], object]) -> int:
    """The exit code of a run, whatever happens in it."""
    try:
        code = run()
        if sys.stdout is not None:  # as it is where the shell has closed it: `>&-`
            sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except (BrokenPipeError, _ReaderLeft):
        # Python flushes once more at exit: into nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except Exception as error:  # noqa: BLE001 - the last resort
        return _failed(error)
    return code if isinstance(code, int) else 0


def _failed(error: Exception) -> int:
    """Say what stopped the run: something in the request, the system, or a bug."""
    from graphcnn.diagnostics import SpecError, UsageError

    if isinstance(error, UsageError):
        complain(error.args[0], error.details)
        return USAGE
    if isinstance(error, SpecError):
        show(error.diagnostics)
        return FINDINGS
    if isinstance(error, OSError):
        complain(error.strerror or str(error))
        return USAGE
    if os.environ.get("GRAPHCNN_DEBUG"):
        import traceback

        traceback.print_exception(error)
    else:
        from graphcnn.commands.bug import report

        complain(report(error))
    return BUG


def complain(message: str, details: Iterable[str] = ()) -> None:
    """Say on standard error what is wrong with the request."""
    from graphcnn.report.terminal import clean

    click.echo(f"graphcnn: {clean(message)}", err=True)
    for line in details:
        click.echo(f"  {clean(line)}", err=True)


def show(diagnostics: Sequence[Diagnostic]) -> None:
    """Findings that stand in a command's way, or beside its result."""
    from graphcnn.report import render_diagnostics

    if diagnostics:
        text = render_diagnostics(diagnostics, color=wants_color(sys.stderr))
        click.echo(text, err=True, nl=False, color=True)


def emit(text: str) -> None:
    """Write a result to standard output."""
    click.echo(text, nl=False, color=True)  # the renderers have decided about colours


def wants_color(stream: Any) -> bool:
    """Whether to use colours: on a terminal, and see https://no-color.org."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return is_terminal(stream)


def is_terminal(stream: Any) -> bool:
    """Whether somebody looks at a stream, on something that can do more than append."""
    return stream is not None and bool(stream.isatty()) and os.environ.get("TERM") != "dumb"
