"""The starter's network as a Qwen2 configuration: row lengths are multiples of 256, so q4_k_m needs no fall-back."""

from __future__ import annotations

from dataclasses import dataclass

from transformers import Qwen2Config


@dataclass(frozen=True)
class Shape:
    """Sizes of the network. `hidden` and `inner` must be multiples of 256 for super-blocks of GGUF's K-quants."""

    vocabulary: int = 6144
    hidden: int = 256
    inner: int = 768
    layers: int = 6
    heads: int = 4
    key_heads: int = 4
    window: int = 2048
    rope_theta: float = 1e9
    """Large, so that two thirds of each head's pairs turn so slowly that content matches at any distance."""

    @property
    def head_size(self) -> int:
        """Width of one attention head."""
        return self.hidden // self.heads


def configuration(shape: Shape, ids: dict[str, int]) -> Qwen2Config:
    """The Qwen2 configuration of `shape`; `ids` holds the token ids `pad` and `end`."""
    return Qwen2Config(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.inner,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_heads,
        max_position_embeddings=shape.window,
        rope_parameters={"rope_type": "default", "rope_theta": shape.rope_theta},
        rms_norm_eps=1e-6,
        tie_word_embeddings=True,
        use_sliding_window=False,
        attention_dropout=0.0,
        bos_token_id=None,
        eos_token_id=ids["end"],
        pad_token_id=ids["pad"],
        initializer_range=0.02,
    )
