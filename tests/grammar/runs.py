"""Drawn specs as models, and what came of running them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from graphcnn.compiler import Model, compile_file
from graphcnn.syntax import read
from tests.backends.spec_draws import Plain
from tests.grammar.draw import Drawn
from tests.grammar.shrink import Files


@contextmanager
def compiled(files: Files, variant: str | None) -> Iterator[Model]:
    """The model of a variant; the files are there as long as it is looked at."""
    with TemporaryDirectory(prefix="graphcnn-drawn-") as folder:
        for name, tree in files.items():
            Path(folder, name).write_text(text_of(tree), encoding="utf-8")
        yield compile_file(read(Path(folder, "drawn.yaml")), variant)


def text_of(tree: object) -> str:
    return yaml.dump(tree, Dumper=Plain, sort_keys=False, width=100, default_flow_style=None)


def shown(drawn: Drawn, files: Files | None = None) -> str:
    """The files of a spec as one text."""
    parts = [f"# {name}\n{text_of(tree)}" for name, tree in (files or drawn.files).items()]
    return "\n".join([*parts, f"# variant: {drawn.variant}"])
