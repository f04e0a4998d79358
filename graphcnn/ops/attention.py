"""Attention."""

from __future__ import annotations

from typing import ClassVar

from graphcnn.ops.attributes import Boolean, Integer, Number
from graphcnn.ops.base import Op, OpError, Shape, Weight, attribute, require
from graphcnn.size import Size, divides


class Attention(Op):
    """Multi-head self-attention over (tokens, features).

    Output: of the input's shape, (L, D); each head has D / heads features, and its scores are
    scaled by 1 / sqrt(D / heads).
    Weights: in_proj_weight (3 * D, D), the projections to queries, keys and values in this
    order; in_proj_bias (3 * D); out_proj.weight (D, D); out_proj.bias (D).
    MACs: 4 * L * D * D of the projections and 2 * L * L * D of the scores and their use.
    PyTorch's `nn.MultiheadAttention` of a value with itself, in its layout. Keras'
    `MultiHeadAttention` holds the three projections apart, each (D, heads, D / heads).
    Vaswani et al., 2017, https://arxiv.org/abs/1706.03762
    """

    name: ClassVar[str] = "attention"
    group: ClassVar[str] = "linear"
    main: ClassVar[str | None] = "heads"
    ranks: ClassVar[tuple[int, ...] | None] = (2,)

    heads: Size = attribute(Integer(1, fixed=True), doc="parts of the features that attend apart")
    bias: bool = attribute(Boolean(), True, doc="add trained values after each projection")
    dropout: float = attribute(Number(0, 1), 0.0, doc="share of the scores dropped in training")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (x,) = inputs
        require(
            divides(self.heads, x[-1]),
            OpError(
                f"{self.heads} heads do not divide {x[-1]} features",
                code="heads-do-not-divide",
                attribute="heads",
            ),
            self.heads,
            x[-1],
        )
        return (x,)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        features = inputs[0][-1]
        weights = {"in_proj_weight": Weight((3 * features, features), initial="xavier_uniform")}
        biased = self.bias is True  # and not lost to an earlier error
        if biased:
            weights["in_proj_bias"] = Weight((3 * features,), initial=0.0)
        weights["out_proj.weight"] = Weight((features, features))
        if biased:
            weights["out_proj.bias"] = Weight((features,), initial=0.0)
        return weights

    def macs(self, *inputs: Shape) -> Size:
        ((tokens, features),) = inputs
        return 4 * tokens * features * features + 2 * tokens * tokens * features
