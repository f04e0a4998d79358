"""What the shell offers when a MODEL is to be completed.

Click writes the script for the shell: `eval "$(_GRAPHCNN_COMPLETE=bash_source graphcnn)"` in
`~/.bashrc`, likewise `zsh_source` and `fish_source`.
"""

from __future__ import annotations

from graphcnn.compiler import variant_names
from graphcnn.diagnostics import SpecError, UsageError
from graphcnn.imports import shipped_specs


def models(incomplete: str) -> list[str]:
    """The shipped models whose names begin so."""
    found: list[str] = []
    for path in sorted(shipped_specs().glob("*.yaml")):
        try:
            found += variant_names(path)
        except (SpecError, UsageError):  # no place to complain
            continue
    return [name for name in dict.fromkeys(found) if name.startswith(incomplete)]
