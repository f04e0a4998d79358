"""The schemas of other people's files, as `check-jsonschema` ships them."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.ci.repository import BIN


def mistakes(schema: str, path: Path) -> str:
    """What is wrong with a file, by one of the schemas that come with `check-jsonschema`."""
    command = [str(BIN / "check-jsonschema"), "--builtin-schema", schema, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""
