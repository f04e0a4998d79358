"""Layers for Keras that are called as others are, in another module."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable("more_tests")
class Gate(keras.layers.Layer):
    """Not the one of `keras_layers`: it keeps nothing."""

    def call(self, x: Any) -> Any:
        return keras.ops.sigmoid(x)
