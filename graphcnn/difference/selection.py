"""Which specs of a repository are to be compared: those that changed, or import what did."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from graphcnn import syntax
from graphcnn.compiler import Spec, read_spec
from graphcnn.diagnostics import SpecError, UsageError
from graphcnn.difference.git import Changed, Repository
from graphcnn.difference.revisions import Revision, WorkingTree
from graphcnn.difference.specs import Side, SpecDiff

_SUFFIXES = (".yaml", ".yml")


def sides(repository: Repository, revisions: Sequence[str]) -> tuple[WorkingTree, WorkingTree]:
    """What one or two revisions ask to compare, as `git diff` reads them.

    One is compared with the working tree. `a..b` is two, and `a...b` is `b` with the commit where
    it left `a`; a name that is missing there is HEAD.

    Raises:
        UsageError: there is no such revision, or there are more than two.
    """
    names = [*revisions]
    if len(names) == 1 and ".." in names[0]:
        separator = "..." if "..." in names[0] else ".."
        before, after = (name or "HEAD" for name in names[0].split(separator, 1))
        old, new = repository.commit(before), repository.commit(after)
        if separator == "...":
            old = repository.merge_base(old, new)
        return Revision(repository, before, old), Revision(repository, after, new)
    if not 1 <= len(names) <= 2:
        raise UsageError("`graphcnn diff` takes one revision or two before `--`")
    found = [Revision(repository, name, repository.commit(name)) for name in names]
    return found[0], found[1] if len(found) > 1 else WorkingTree(repository)


def compared(before: WorkingTree, after: WorkingTree, paths: Sequence[str]) -> list[SpecDiff]:
    """The specs that differ, or import what does, by path; with ``paths`` those that they name.

    A path is a spec, which is compared even if nothing in it changed, or a folder of specs. A file
    that defines blocks alone stands for the specs that import it.

    Raises:
        UsageError: a path is on neither side, or outside of the repository.
    """
    pairs = {_name(pair): pair for pair in _changed(before, after)}
    asked: set[str] = set()
    if paths:
        asked, folders = _sorted_out(before, after, paths)
        blocks = {name for name in asked if _is_library(before, name) or _is_library(after, name)}
        wanted = {*asked, *_importing(before, blocks), *_importing(after, blocks)}
        wanted |= {name for name in pairs if any(_is_below(name, folder) for folder in folders)}
        pairs = {name: pairs.get(name, Changed(name, name)) for name in wanted}
    found: list[SpecDiff] = []
    for name in sorted(pairs):
        old = _side(before, pairs[name].before, asked=name in asked)
        new = _side(after, pairs[name].after, asked=name in asked)
        if old is not None or new is not None:
            found.append(SpecDiff(_title(pairs[name]), old, new))
    return found


def _name(pair: Changed) -> str:
    return pair.after or pair.before or ""


def _title(pair: Changed) -> str:
    moved = pair.before and pair.after and pair.before != pair.after
    return f"{pair.before} → {pair.after}" if moved else _name(pair)


# --- which files -------------------------------------------------------------------------


def _changed(before: WorkingTree, after: WorkingTree) -> Iterator[Changed]:
    """The specs that changed themselves, and those that import a file that did."""
    pairs = after.repository.changed(before.commit or "HEAD", after.commit)
    changed = [pair for pair in pairs if not _is_same(before, after, pair)]
    yield from (pair for pair in changed if _name(pair).endswith(_SUFFIXES))
    names = {name for pair in changed for name in pair if name is not None}
    importing = {*_importing(before, names), *_importing(after, names)} - names
    yield from (Changed(name, name) for name in importing)


def _is_same(before: WorkingTree, after: WorkingTree, pair: Changed) -> bool:
    """Whether nothing but the time or the mode of a file of YAML is another."""
    if pair.before != pair.after or pair.after is None or not pair.after.endswith(_SUFFIXES):
        return False
    with suppress(SpecError):
        old, new = before.file(pair.after), after.file(pair.after)
        return old is not None and new is not None and old.text == new.text
    return False


def _importing(state: WorkingTree, changed: set[str]) -> Iterator[str]:
    """The specs that import one of the files ``changed``, which are in their folder or below it."""
    folders = {parent for name in changed for parent in PurePosixPath(name).parents}
    places = {state.repository.root / name for name in changed}
    for path in state.repository.mentioning("imports", state.commit):
        if not path.endswith(_SUFFIXES) or PurePosixPath(path).parent not in folders:
            continue
        with suppress(SpecError):
            file = state.file(path)
            if file is None or not syntax.is_spec(file):
                continue
            if not places.isdisjoint(read_spec(file, state).imported):
                yield path


def _sorted_out(
    before: WorkingTree, after: WorkingTree, paths: Sequence[str]
) -> tuple[set[str], list[str]]:
    """The files and the folders that ``paths`` name."""
    known = {*before.paths(), *after.paths()}
    files: set[str] = set()
    folders: list[str] = []
    for path in paths:
        name = _inside(after.repository, path)
        if name in known or after.has(name):
            files.add(name)
        elif any(_is_below(one, name) for one in known):
            folders.append(name)
        else:
            raise UsageError(f"there is no {path} in {before.name} or {after.name}")
    return files, folders


def _inside(repository: Repository, path: str) -> str:
    """A path that the user gave, from the root of the repository; the root itself is empty."""
    folder, name = os.path.split(os.path.abspath(path))  # noqa: PTH100 - of any text
    place = os.path.join(os.path.realpath(folder), name)  # noqa: PTH118 - what is a link stays one
    try:
        inside = PurePosixPath(Path(place).relative_to(repository.root)).as_posix()
    except ValueError:
        raise UsageError(f"{path} is outside of the repository {repository.root}") from None
    return "" if inside == "." else inside


def _is_below(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


# --- what is in them ---------------------------------------------------------------------


def _side(state: WorkingTree, path: str | None, *, asked: bool) -> Side | None:
    """A spec in one state; None where it is not there, or is no model.

    Files that define blocks alone are none, and neither is other YAML unless it was ``asked`` for.
    """
    try:
        file = None if path is None else state.file(path)
        spec = None if file is None else read_spec(file, state)
    except SpecError as error:
        file = error.diagnostics[0].span.file
        spec = Spec(file, None, [*error.diagnostics])
    if file is None or spec is None or not (asked or syntax.is_spec(file)):
        return None
    return None if _is_blocks_only(spec) else Side(spec)


def _is_library(state: WorkingTree, path: str) -> bool:
    with suppress(SpecError):
        file = state.file(path)
        return file is not None and _is_blocks_only(read_spec(file, state))
    return False


def _is_blocks_only(spec: Spec) -> bool:
    return spec.program is not None and spec.program.body is None and not spec.diagnostics
