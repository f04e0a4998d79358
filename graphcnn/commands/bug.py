"""What to say of an exception that nobody expected."""

from __future__ import annotations

import traceback
from pathlib import Path

PACKAGE = Path(__file__).parent.parent


def report(error: BaseException) -> str:
    """One line that says what happened, where, and whom to tell."""
    what = " ".join(str(error).split())[:200]
    return (
        f"a bug: {type(error).__name__}{_place(error)}{f': {what}' if what else ''}; please report "
        "it with the spec that led here (GRAPHCNN_DEBUG=1 shows the traceback)"
    )


def _place(error: BaseException) -> str:
    """The innermost line of ours that was being run."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(PACKAGE):
            return f" in {path.relative_to(PACKAGE)}, line {frame.lineno}"
    return ""
