"""Names of layers in Keras: each is there once, whatever the author calls them."""

from __future__ import annotations

from graphcnn.backends.keras.slots import keras_slots
from graphcnn.weights import canonical
from tests.backends.emitted import variants, written


def test_weights_lie_in_layers_of_other_names() -> None:
    """Also those of the layer of a separable convolution that another is called like."""
    (model,) = variants(written("layer_names"))
    slots = keras_slots(model.ir, canonical(model.ir, training=False))
    for weight, layer in (
        ("s.pointwise.weight", "s_layer_pointwise"),
        ("s_pointwise.weight", "s_pointwise"),
        ("first.s.depthwise.weight", "first_s_layer_depthwise"),
        ("a.b.bias", "a_b"),
        ("a_b.bias", "a_b_layer"),
        ("mean.weight", "mean_layer"),
    ):
        found = slots.by_name[slots.aliases[weight]]
        assert (found.weight, found.module) == (weight, layer)
