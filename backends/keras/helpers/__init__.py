"""Layers that Keras lacks, in the words in which emitted files hold them.

The source text of a class is copied into the files that use it, so each stands alone: it needs
nothing but the names imported here. Data is channels last.
"""
