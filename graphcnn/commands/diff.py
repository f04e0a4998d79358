"""`graphcnn diff`: what a change to a spec does to the model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from graphcnn.compiler import locate, read_spec
from graphcnn.diagnostics import UsageError
from graphcnn.difference import Comparison
from graphcnn.difference.git import Repository
from graphcnn.difference.selection import compared, sides
from graphcnn.difference.specs import Side, SpecDiff


def compare(names: Sequence[str], paths: Sequence[str] | None) -> Comparison:
    """Compare two models, or with ``paths`` (what stands behind `--`) or one name two revisions.

    Raises:
        UsageError: there is nothing of that name, or not two things to compare.
        SpecError: a model is no text at all.
    """
    if paths is None and len(names) == 2:
        return _models(*names)
    if not names or (paths is None and len(names) != 1):
        raise click.UsageError("name two models, or a revision of git and `-- PATH...`")
    try:
        before, after = sides(Repository(Path.cwd()), names)
    except UsageError as error:
        if paths is not None or not _is_there(names[0]):
            raise
        hint = "of a model, name another one or a revision too: graphcnn diff main -- net.yaml"
        raise UsageError(error.args[0], (*error.details, hint)) from None
    return Comparison(before.name, after.name, (*compared(before, after, paths or ()),))


def _models(before: str, after: str) -> Comparison:
    try:
        old, new = _side(before), _side(after)
    except UsageError as error:
        if _is_there(before) and _is_there(after):
            raise
        hint = "to compare revisions of git, end them by `--`: graphcnn diff main -- net.yaml"
        raise UsageError(error.args[0], (*error.details, hint)) from None
    title = before if before == after else f"{before} → {after}"
    return Comparison(before, after, (SpecDiff(title, old, new),))


def _is_there(model: str) -> bool:
    """Whether there is a file or shipped model of that name, so that no revision is meant."""
    try:
        locate(model)
    except UsageError:
        return False
    return True


def _side(model: str) -> Side:
    file, variant = locate(model)
    spec = read_spec(file)
    if spec.program is not None and spec.program.body is None and not spec.diagnostics:
        raise UsageError(f"{file.name} defines blocks only, no graph")
    return Side(spec, variant)
