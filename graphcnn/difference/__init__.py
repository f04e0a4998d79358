"""What is different between two models, two specs, or two states of a repository of specs.

Two models are compared as trees of scopes: :mod:`.match` says which layer of one is which of the
other, :mod:`.changes` what became of each. :mod:`.specs` does so for every variant of a spec, and
:mod:`.selection` for the specs that changed between two revisions of git.
"""

from __future__ import annotations

from dataclasses import dataclass

from graphcnn.diagnostics import Diagnostic
from graphcnn.difference.specs import SpecDiff


@dataclass(frozen=True)
class Comparison:
    """All that was compared; ``before`` and ``after`` are what the user calls the two sides."""

    before: str
    after: str
    specs: tuple[SpecDiff, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is no difference anywhere."""
        return all(spec.is_empty for spec in self.specs)

    @property
    def is_broken(self) -> bool:
        """Whether a spec does not compile as it is after the change."""
        return any(spec.is_broken for spec in self.specs)

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What keeps specs from compiling, on either side."""
        return [one for spec in self.specs for one in spec.diagnostics]
