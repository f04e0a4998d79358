"""Attention of a value with itself."""

from __future__ import annotations

import torch.nn.functional as F  # noqa: N812 -- the name that every PyTorch file gives it
from torch import Tensor, nn


class SelfAttention(nn.MultiheadAttention):
    """Multi-head attention of a (batch, tokens, features) value with itself."""

    def __init__(
        self, embed_dim: int, num_heads: int, *, dropout: float = 0.0, bias: bool = True
    ) -> None:
        super().__init__(embed_dim, num_heads, dropout, bias, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        parts = F.linear(x, self.in_proj_weight, self.in_proj_bias)
        parts = parts.unflatten(2, (3, self.num_heads, self.head_dim))
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind()
        rate = self.dropout if self.training else 0.0
        x = F.scaled_dot_product_attention(query, key, value, dropout_p=rate)
        y: Tensor = self.out_proj(x.transpose(1, 2).flatten(2))
        return y
