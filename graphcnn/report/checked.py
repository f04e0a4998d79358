"""What is known of each spec that a run has looked at."""

from __future__ import annotations

from dataclasses import dataclass

from graphcnn.diagnostics import Diagnostic


@dataclass(frozen=True)
class Checked:
    """A spec by the ``name`` that it was asked for, with all that it and its imports have wrong.

    ``failure`` says why it could not be looked at, and ``seconds`` how long that took.
    """

    name: str
    diagnostics: tuple[Diagnostic, ...] = ()
    failure: str | None = None
    seconds: float = 0.0
