"""rcnn_box_head: what Faster, Mask and Keypoint R-CNN make of a region
(He et al., 2017).

https://arxiv.org/abs/1703.06870

Input    region   (N, 7, 7, 256)
Output   scores   (N, 91)
Output   deltas   (N, 364)
Size     14,362,055 parameters, 14.36 M MACs a sample

Written by graphcnn 0.1.0 from rcnn_heads.yaml (rcnn_box_head).
It needs Keras 3 and nothing else.
"""

import keras
from keras import KerasTensor, layers

__all__ = ["box_predictor", "boxes", "rcnn_box_head"]


def box_predictor(x: KerasTensor, *, name: str) -> tuple[KerasTensor, KerasTensor]:
    """Both outputs of the features of a region."""
    scores = layers.Dense(91, name=f"{name}_cls_score")(x)
    deltas = layers.Dense(364, name=f"{name}_bbox_pred")(x)
    return scores, deltas


def boxes(x: KerasTensor, *, name: str) -> tuple[KerasTensor, KerasTensor]:
    """A score for each class, and for each how the box differs."""
    x = layers.Permute((3, 1, 2))(x)  # channels first, as the weights are
    x = layers.Flatten()(x)
    x = layers.Dense(1024, name=f"{name}_box_head_fc6")(x)
    x = layers.ReLU()(x)
    x = layers.Dense(1024, name=f"{name}_box_head_fc7")(x)
    x = layers.ReLU()(x)
    return box_predictor(x, name=f"{name}_box_predictor")


def rcnn_box_head() -> keras.Model:
    """rcnn_box_head with fresh weights."""
    region = keras.Input((7, 7, 256), name="region")
    scores, deltas = boxes(region, name="roi_heads")
    outputs = {"scores": scores, "deltas": deltas}
    return keras.Model(region, outputs, name="rcnn_box_head")


if __name__ == "__main__":
    rcnn_box_head().summary()
