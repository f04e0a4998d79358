"""Warnings: what a spec may say and should not, each kind with a code and a rule that finds it.

``RULES`` is the table. A rule is a class in a module of its own under ``rules``, with its
documentation; a new one takes its place in the table.
"""

from graphcnn.lint.linter import Linter
from graphcnn.lint.rule import Rule
from graphcnn.lint.rules import RULES
from graphcnn.lint.selection import Selection, codes

__all__ = ["RULES", "Linter", "Rule", "Selection", "codes"]
