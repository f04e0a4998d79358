"""What turns of loops make, read outside of them in emitted Keras files."""

from __future__ import annotations

from dataclasses import replace

from graphcnn.compiler import compile_file, locate
from tests.backends.emitted import variants, written
from tests.backends.keras_models import check, emit


def test_what_turns_make_is_kept_in_lists() -> None:
    """Also where the list begins with what stands before the loop, and is read in its order."""
    (model,) = variants(written("feature_fusion"))
    text = emit(model)
    assert text.count("for n in (5, 4, 3):") == 1
    assert "    downs = [x]\n" in text
    assert "        x = layers.Add()([features[n - 3], x])\n" in text
    assert "features[0], features[1], features[2], features[3], width" in text
    (model,) = variants(written("unet"))
    text = emit(model)
    assert "    for n in (2, 1, 0):\n" in text
    assert "layers.Concatenate()([downs[n], x])" in text


def test_features_of_a_published_network() -> None:
    file, _ = locate("resnet18")
    outputs = "outputs: {c3: layer2, c4: layer3, logits: fc}"
    small = file.text.replace("[3, 224, 224]", "[3, 33, 33]").replace(
        "outputs: {logits: fc}", outputs
    )
    assert outputs in small
    model = compile_file(replace(file, text=small), "resnet18", {"classes": 3})
    text = check(model)
    assert '{"c3": features[1], "c4": features[2], "logits": logits}' in text
