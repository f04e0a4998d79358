"""The pages of the documentation as things to check: what stands in them is what happens.

The first line of a fenced block says what it is:

    ```yaml              a spec, where it begins with `graphcnn: 1`; a part of one elsewhere
    ```yaml net.yaml     also a file, which is there when what follows on the page is run
    ```yaml >> net.yaml  the end of that file, from this key on
    ```yaml error[code]  a spec that has just this error, or these: error[a, b]
    ```yaml warning[code]  the same of warnings
    ```console           commands after `$ `, each with what it prints
    ```python net.py     lines of a file that a command has written
    ```python > op.py    a file, which is there from here on
    ```pycon             a session at Python's prompt
    ```sh                commands for the reader, which are not run

A line `...` in an output, or `# ...` in a file, stands for any number of lines.

`python -m tests.pages` writes what the commands print now into the pages.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
BUG = 70  # the exit code that no page should show
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md")))

_BLOCK = re.compile(r"^```(\w+)[ ]*(.*)\n((?:.*\n)*?)```$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """One fenced block: ``language`` and ``label`` are the words of its first line."""

    page: Path
    line: int
    language: str
    label: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def file(self) -> str | None:
        """The file that it is, or a part of."""
        found = re.search(r"\S+\.(?:yaml|py)\b", self.label)
        return found[0] if found else None

    @property
    def errors(self) -> list[str]:
        """The codes of the errors or warnings that it is said to have, in order."""
        found = re.search(r"(?:error|warning)\[(.*)\]", self.label)
        return found[1].split(", ") if found else []

    @property
    def is_spec(self) -> bool:
        """Whether it is a whole spec, right or not."""
        return self.language == "yaml" and (
            self.text.startswith("graphcnn: 1\n") or bool(self.errors)
        )


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for match in _BLOCK.finditer(text):
        language, label, body = match.groups()
        line = text.count("\n", 0, match.start()) + 1
        yield Block(page, line, language, label.strip(), body)


def file_on(page: str, name: str) -> str:
    """The text of a file that stands on a page of the documentation."""
    (found,) = (block for block in blocks(ROOT / "docs" / page) if block.file == name)
    return found.text


def pages_with(*languages: str) -> list[Path]:
    """The pages that have blocks of these languages."""
    return [page for page in PAGES if any(b.language in languages for b in blocks(page))]


def problems(page: Path, folder: Path) -> Iterator[str]:
    """What a page shows and what does not happen; ``folder`` is where its commands run."""
    names: dict[str, object] = {}
    for block in blocks(page):
        if block.language == "console":
            for command, expected in _commands(block.text):
                found = run(command, folder)
                if not matches(expected, found):
                    yield f"{block.place}: `{command}` prints\n{found}"
        elif block.language == "pycon":
            yield from _session(block, folder, names)
        elif block.file is not None and block.language == "python" and block.label[0] != ">":
            yield from _excerpt(block, folder / block.file)
        elif block.file is not None:
            _write(block, folder / block.file)


def _commands(text: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block with the output below it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def run(command: str, folder: Path) -> str:
    """What a command prints, wherever it prints it; programs are those of this environment."""
    program, *arguments = shlex.split(command)
    path = Path(sys.executable).with_name(program)
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "80", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [path, *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    if done.returncode == BUG:
        raise RuntimeError(f"{command}: {done.stdout}")
    return done.stdout


def matches(expected: str, found: str, gap: str = "...") -> bool:
    r"""Whether an output is as expected, but for the lines that ``gap`` stands for.

    >>> matches("a\n...\nd\n", "a\nb\nc\nd\n")
    True
    """
    lines = [line.rstrip() for line in expected.rstrip().split("\n")]
    pattern = "".join(
        r"(?:.*\n)*" if line.strip() == gap else re.escape(line) + r"[ ]*\n" for line in lines
    )
    return re.fullmatch(pattern, found.rstrip("\n") + "\n") is not None


def _write(block: Block, path: Path) -> None:
    before = ""
    if block.label.startswith(">>"):
        key = block.text.partition("\n")[0]
        before = path.read_text(encoding="utf-8").partition(f"\n{key}\n")[0].rstrip() + "\n\n"
    path.write_text(before + block.text, encoding="utf-8")


def _excerpt(block: Block, path: Path) -> Iterator[str]:
    if not path.is_file():
        yield f"{block.place}: there is no {path.name}"
    elif not matches(f"# ...\n{block.text}# ...\n", path.read_text(encoding="utf-8"), "# ..."):
        yield f"{block.place}: {path.name} does not hold these lines"


def _session(block: Block, folder: Path, names: dict[str, object]) -> Iterator[str]:
    examples = doctest.DocTestParser().get_doctest(
        block.text, names, block.place, str(block.page), block.line
    )
    examples.globs = names  # what a session defines is there in those below it
    printed: list[str] = []
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    sys.path.insert(0, str(folder))  # a session imports what lies beside it
    try:
        with chdir(folder):
            doctest.DocTestRunner(verbose=False, optionflags=flags).run(
                examples, out=printed.append, clear_globs=False
            )
    finally:
        sys.path.remove(str(folder))
    yield from printed


# --- writing pages anew ------------------------------------------------------------------


def refreshed(page: Path, folder: Path) -> str:
    """The text of a page with what its commands print now; outputs with gaps are left alone."""
    text = page.read_text(encoding="utf-8")
    for block in blocks(page):
        if block.language == "console":
            body = "".join(
                f"$ {command}\n{_output(command, output, folder)}"
                for command, output in _commands(block.text)
            )
            text = text.replace(f"```console\n{block.text}```", f"```console\n{body}```", 1)
        elif block.file is not None and block.language == "yaml":
            _write(block, folder / block.file)
    return text


def _output(command: str, expected: str, folder: Path) -> str:
    found = run(command, folder)
    if matches(expected, found):
        return expected
    if re.search(r"^\.\.\.$", expected, re.MULTILINE):
        print(f"by hand: `{command}` prints\n{found}")  # noqa: T201 - it is for a person to do
        return expected
    blank = "\n" if expected.endswith("\n\n") else ""
    return found.rstrip("\n") + "\n" * bool(found.strip()) + blank


def main() -> None:
    """Refresh every page."""
    for page in pages_with("console"):
        with tempfile.TemporaryDirectory() as folder:
            page.write_text(refreshed(page, Path(folder)), encoding="utf-8")


if __name__ == "__main__":
    main()
