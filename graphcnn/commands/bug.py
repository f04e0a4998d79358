"""What to say of an exception that nobody expected."""

from __future__ import annotations

import traceback
from pathlib import Path


def report(error: BaseException) -> str:
    """One line that says what happened, where, and whom to tell."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    what = " ".join(str(error).split())[:200]
    return (
        f"a bug: {type(error).__name__}{place}{f': {what}' if what else ''}; please report it with "
        "the spec that led here (GRAPHCNN_DEBUG=1 shows the traceback)"
    )
