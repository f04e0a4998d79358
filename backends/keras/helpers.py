"""Layers that Keras lacks, in the words in which emitted files hold them."""

from __future__ import annotations
