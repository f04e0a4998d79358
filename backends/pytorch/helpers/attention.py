"""Attention of a value with itself."""

from __future__ import annotations

from torch import Tensor, nn


class SelfAttention(nn.MultiheadAttention):
    """Multi-head attention of a (batch, tokens, features) value with itself."""

    def __init__(
        self, embed_dim: int, num_heads: int, *, dropout: float = 0.0, bias: bool = True
    ) -> None:
        super().__init__(embed_dim, num_heads, dropout, bias, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        return super().forward(x, x, x, need_weights=False)[0]
