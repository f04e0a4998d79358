"""Commands for specs as files: `validate`, `fmt`, `diff`."""

from __future__ import annotations

import sys

import click

from graphcnn.cli.arguments import codes_option, complete_model, format_option, only_specs_option
from graphcnn.commands.shell import (
    FINDINGS,
    PATHS,
    USAGE,
    WithPaths,
    complain,
    emit,
    show,
    wants_color,
)


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path())
@format_option("text", "json", "github", "sarif", "junit")
@codes_option(
    "--select", help="The warnings to look for, such as unused,last-dropout; ALL by default."
)
@codes_option("--ignore", help="The warnings to leave out.")
@click.option("--fix", is_flag=True, help="Mend what can be mended with the model as it is.")
@click.option("--unsafe-fixes", is_flag=True, help="Mend also what changes the model or its use.")
@only_specs_option
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
    if fix or unsafe_fixes:
        from graphcnn.commands.fix import without_tried

        found = without_tried(found, unsafe=unsafe_fixes)
    color = wants_color(sys.stdout)
    emit(render_diagnostics(found, format, checked=findings.checked, color=color))
    if format == "text" and not found and findings.specs:
        emit(f"{findings.specs} spec{'s' if findings.specs > 1 else ''}, no errors\n")
    for message in dict.fromkeys(map(str, findings.failed)):
        complain(message)
    if findings.failed:
        return USAGE
    return FINDINGS if found else 0


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path())
@click.option("--check", is_flag=True, help="Write nothing; name the files that would change.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
@only_specs_option
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


@click.command(cls=WithPaths)
@click.argument("names", nargs=-1, metavar="A [B] [-- PATH...]", shell_complete=complete_model)
@format_option("text", "markdown", "json")
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
