"""Names of layers in Keras: each is there once, whatever the author calls them."""

from __future__ import annotations

from graphcnn.backends.keras.weights import layers_of, variables
from tests.backends.emitted import variants, written
from tests.backends.keras_models import built


def test_weights_lie_in_layers_of_other_names() -> None:
    """Also those of the layer of a separable convolution that another is called like."""
    (model,) = variants(written("layer_names"))
    layers = layers_of(built(model))
    held = {one.weight: one.layer for one in variables(model.ir, layers)}
    assert set(held.values()) <= layers.keys()
    for weight, layer in (
        ("s.pointwise.weight", "s_layer_pointwise"),
        ("s_pointwise.weight", "s_pointwise"),
        ("first.s.depthwise.weight", "first_s_layer_depthwise"),
        ("a.b.bias", "a_b"),
        ("a_b.bias", "a_b_layer"),
        ("mean.weight", "mean_layer"),
    ):
        assert held[weight] == layer
