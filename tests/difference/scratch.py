"""A scratch repository in the working folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def git(*arguments: str) -> None:
    """Run git as somebody who has configured nothing."""
    names = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")
    nothing = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(
        ["git", *names, *arguments],  # noqa: S607 - the git of whoever runs the tests
        check=True,
        capture_output=True,
        env={**os.environ, **nothing},
    )


def write(path: str, text: str) -> None:
    """Write a file, and the folders around it."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")
