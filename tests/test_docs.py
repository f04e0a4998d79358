"""The documentation is right: its specs compile, its sessions happen, its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from graphcnn import syntax
from graphcnn.cli import main
from graphcnn.compiler import check, load
from graphcnn.diagnostics import SpecError
from graphcnn.lint import Selection
from tests import pages

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def codes(block: pages.Block, path: Path) -> list[str]:
    """The codes of all that is wrong with a spec, if need be when it is built."""
    path.write_text(block.text, encoding="utf-8")
    try:
        found = check(syntax.read(path), warnings=Selection())
        if not found and block.errors:
            load(path).build("pytorch")
    except SpecError as error:
        found = list(error.diagnostics)
    return [diagnostic.code for diagnostic in found]


SPECS = [block for page in pages.PAGES for block in pages.blocks(page) if block.is_spec]


@pytest.mark.parametrize("block", SPECS, ids=lambda block: block.place)
def test_specs_compile_or_have_the_stated_errors(block: pages.Block, tmp_path: Path) -> None:
    assert codes(block, tmp_path / "net.yaml") == block.errors


@pytest.mark.parametrize(
    "page",
    [page for page in pages.pages_with("console", "pycon") if page.name != "README.md"],
    ids=lambda page: page.name,
)
def test_sessions_happen(page: Path, tmp_path: Path) -> None:
    assert list(pages.problems(page, tmp_path)) == []


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: str(page.relative_to(pages.ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = [link for link in links(page) if not leads(page, link)]
    assert broken == []


def prose(page: Path) -> str:
    """The text of a page without its blocks of code."""
    text = page.read_text(encoding="utf-8")
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def links(page: Path) -> list[str]:
    """The links of a page to files of this repository."""
    text = re.sub(r"`[^`\n]*`", "", prose(page))
    return [link for link in _LINK.findall(text) if "://" not in link]


def leads(page: Path, link: str) -> bool:
    """Whether there is such a file, and such a heading in it."""
    path, _, heading = link.partition("#")
    target = page if not path else (page.parent / path).resolve()
    if not target.exists():
        return False
    return not heading or heading in anchors(target)


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", prose(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_command_is_described() -> None:
    text = (pages.DOCS / "cli.md").read_text(encoding="utf-8")
    described = re.findall(r"^\| \[`(\w+)", text, re.MULTILINE)
    assert sorted(described) == sorted(main.commands)


def test_what_is_generated_is_current() -> None:
    """`make docs` writes it anew."""
    command = [sys.executable, "docs/generate.py", "--check"]
    done = subprocess.run(command, cwd=pages.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
