"""vit_b_16: an image is worth 16x16 words, transformers for image recognition
(Dosovitskiy et al., 2020).

https://arxiv.org/abs/2010.11929

Input    image    (N, 3, 224, 224)
Output   logits   (N, 1000)
Size     86,567,656 parameters, 17.56 G MACs a sample

Written by graphcnn 0.1.0 from vit.yaml (vit_b_16).
It needs PyTorch and nothing else.
"""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Encoder", "EncoderLayer", "ViT", "vit_b_16"]


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


class EncoderLayer(nn.Module):
    """Tokens look at each other, then each is worked on by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(768, eps=1e-06)
        self.self_attention = SelfAttention(768, 12)
        self.dropout = nn.Dropout(0.0)
        self.ln_2 = nn.LayerNorm(768, eps=1e-06)
        self.mlp = nn.Sequential(
            nn.Linear(768, 3072),
            nn.GELU(),
            nn.Dropout(0.0),
            nn.Linear(3072, 768),
            nn.Dropout(0.0),
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.ln_1(x)
        y = self.dropout(self.self_attention(y))
        x = y + x
        y = self.ln_2(x)
        return self.mlp(y) + x


class Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.pos_embedding = nn.Parameter(torch.randn(1, 197, 768) * 0.02)
        self.dropout = nn.Dropout(0.0)
        self.layers = nn.Sequential(
            OrderedDict((f"encoder_layer_{i}", EncoderLayer()) for i in range(12))
        )
        self.ln = nn.LayerNorm(768, eps=1e-06)

    def forward(self, x: Tensor) -> Tensor:
        x = self.dropout(x + self.pos_embedding)
        return self.ln(self.layers(x))


class ViT(nn.Module):
    """An image is worth 16x16 words, transformers for image recognition."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv_proj = nn.Conv2d(3, 768, 16, stride=16)
        self.class_token = nn.Parameter(torch.zeros(1, 1, 768))
        self.encoder = Encoder()
        self.heads = nn.Sequential(OrderedDict([("head", nn.Linear(768, classes))]))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="linear")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif type(module) is nn.Linear:  # not the subclass that attention has
                nn.init.xavier_uniform_(module.weight)
                nn.init.normal_(module.bias, std=1e-06)
        for name in ("heads.head.weight", "heads.head.bias"):
            nn.init.zeros_(self.get_parameter(name))

    def forward(self, image: Tensor) -> Tensor:
        patches = self.conv_proj(image).flatten(2).permute(0, 2, 1)  # 196 x 768
        x = torch.cat(
            [self.class_token.expand(patches.size(0), -1, -1), patches], dim=1
        )
        x = self.encoder(x)[:, :1].flatten(1)
        return self.heads(x)


def vit_b_16(classes: int = 1000) -> ViT:
    """vit_b_16 with fresh weights."""
    return ViT(classes)


if __name__ == "__main__":
    model = vit_b_16().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 224, 224))
    print(f"{tuple(outputs.shape)}, {total:,} parameters")
