"""Specs drawn from the grammar itself: every construct in every place that the schema has for it.

``draw`` makes the spec of a number; ``python -m tests.grammar 17`` shows and checks that of 17.
"""
