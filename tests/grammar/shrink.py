"""A spec made smaller for as long as what is wrong with it stays the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from tests.grammar.draw import Tree

Files = dict[str, Tree]
Path = tuple[Any, ...]

#: keys that hold lists of statements, of which a statement may be replaced by what it holds
_BODIES = ("sequence", "graph", "dense", "do", "residual", "branches")


def shrink(files: Files, is_wrong: Callable[[Files], bool], most: int = 2000) -> Files:
    """The smallest spec found by leaving things out, one after the other."""
    tries = 0
    while True:
        for smaller in candidates(files):
            tries += 1
            if tries > most:
                return files
            if is_wrong(smaller):
                files = smaller
                break
        else:
            return files


def candidates(files: Files) -> Iterator[Files]:
    """Each spec that is smaller by one step, the largest steps first."""
    for name in [name for name in files if name != "drawn.yaml"]:
        yield {other: tree for other, tree in files.items() if other != name}
    paths = sorted(_paths(files), key=lambda path: (len(path), repr(path)))
    for path in paths:
        yield from _without(files, path)
    for path in paths:
        yield from _opened(files, path)


def _paths(tree: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(tree, dict):
        children = list(tree.items())
    else:
        children = list(enumerate(tree)) if isinstance(tree, list) else []
    for key, child in children:
        yield (*path, key)
        yield from _paths(child, (*path, key))


def _at(tree: Any, path: Path) -> Any:
    for key in path:
        tree = tree[key]
    return tree


def _without(files: Files, path: Path) -> Iterator[Files]:
    """Without one entry of a list or mapping."""
    if len(path) < 2 or path[-1] in ("graphcnn", "name"):
        return
    made = deepcopy(files)
    del _at(made, path[:-1])[path[-1]]
    yield made


def _opened(files: Files, path: Path) -> Iterator[Files]:
    """With the statements of a structure in its place."""
    one = _at(files, path)
    if not isinstance(path[-1], int) or not isinstance(one, dict):
        return
    for key in _BODIES:
        for body in _bodies(one.get(key)):
            made = deepcopy(files)
            _at(made, path[:-1])[path[-1] : path[-1] + 1] = deepcopy(body)
            yield made


def _bodies(action: Any) -> Iterator[list[Any]]:
    if isinstance(action, list):
        yield action
    elif isinstance(action, dict):
        paths = action.get("paths", ())
        listed = [*paths.values()] if isinstance(paths, dict) else [*paths]
        for body in (action.get("body"), action.get("shortcut"), *listed):
            if isinstance(body, (list, dict, str)):
                yield body if isinstance(body, list) else [body]
