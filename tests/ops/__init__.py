"""Tests of the ops, a file for each family; `laws` holds what must be true of every op."""
