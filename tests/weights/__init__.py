"""Tests of the weights that travel between backends."""
