"""A git repository for one test, untouched by the settings of whoever runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent

GOOD = """\
graphcnn: 1
name: net
doc: A net of its own.

parameters:
  width: 16

inputs: {image: [3, 32, 32]}

graph:
  - conv: {out: $width, kernel: 3, padding: 1}
  - {conv: {out: 8, kernel: 1}, id: head}

expect:
  params: <= 600
"""
#: with a mistake in line 12, columns 21 to 26
BAD = GOOD.replace("kernel: 1", "kernal: 1")
#: more parameters than it expects of itself
COSTLY = GOOD.replace("width: 16", "width: 160")
#: YAML of many a repository, in which no spec would have an alias or a tag
OTHER = "services: &a {image: !Ref name}\n---\nmore: 1\n"


class Repository:
    """A repository at ``path``, in which commands run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True)
        # As few of the caller's variables as will do: GIT_DIR would lead elsewhere.
        kept = ("LANG", "PYTHONPATH", "SSL_CERT_FILE", "SYSTEMROOT", "TMPDIR")
        self.environment = {name: os.environ[name] for name in kept if name in os.environ} | {
            "GIT_AUTHOR_EMAIL": "someone@example.org",
            "GIT_AUTHOR_NAME": "someone",
            "GIT_COMMITTER_EMAIL": "someone@example.org",
            "GIT_COMMITTER_NAME": "someone",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "HOME": str(path.parent),
            "PATH": os.pathsep.join((str(BIN), os.environ["PATH"])),
            "PRE_COMMIT_HOME": str(path.parent / "pre-commit"),
        }
        self.git("init", "--quiet", "--initial-branch=main", ".")

    def write(self, **files: str) -> None:
        """Write files whose names end with .yaml; `__` in a name stands for a slash."""
        for name, text in files.items():
            path = self.path / f"{name.replace('__', '/')}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command with more variables in its environment; it may fail."""
        return subprocess.run(
            command,
            cwd=self.path,
            env=self.environment | more,
            capture_output=True,
            text=True,
            check=False,
        )

    def git(self, *arguments: str) -> str:
        """What a command of git prints; it must succeed."""
        done = self.run("git", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Commit all that has changed, as far as hooks let it pass."""
        self.git("add", "--all")
        return self.run("git", "commit", "--quiet", "--message", "a change", *arguments)


def project(path: Path) -> Repository:
    """This project as a repository to install from; skips the test where pip reaches no index."""
    probe = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "click"]
    into = [*probe, "--dest", str(path.parent / "probe")]
    if subprocess.run(into, capture_output=True, check=False).returncode:
        pytest.skip("pip reaches no index")
    made = Repository(path)
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - git as the PATH has it, as for pre-commit
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in listed.stdout.split("\0")[:-1]:
        place = path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, place, follow_symlinks=False)
    assert made.commit().returncode == 0
    return made
