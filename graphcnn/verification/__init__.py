"""Proof by running: every backend computes what the graph means, with the same weights.

A model is compared with the reference (:mod:`graphcnn.reference`), which computes each op in
double precision as its documentation defines it. See docs/verify.md for what is compared and how.
"""

from graphcnn.verification.check import TOLERANCE, Settings, Tell, verify
from graphcnn.verification.result import (
    BackendResult,
    Count,
    Difference,
    TrainingResult,
    Verdict,
    Verification,
)

__all__ = [
    "TOLERANCE",
    "BackendResult",
    "Count",
    "Difference",
    "Settings",
    "Tell",
    "TrainingResult",
    "Verdict",
    "Verification",
    "verify",
]
