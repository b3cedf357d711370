"""The stories260K checkpoint of llama2.c as a model folder: weights in safetensors, its vocabulary as a tokenizer.

The file holds seven integers (dim, hidden_dim, layers, heads, kv_heads, vocabulary, window) and then the weights in
float32, layer by layer within each kind. Rotary pairs lie side by side there and half a head apart in transformers.
"""

import struct
from pathlib import Path
from typing import Any

SPACE = "\u2581"


def convert(source: Path, folder: Path) -> Path:
    """Write the model of `source` (stories260K.bin and tok512.bin) to `folder`."""
    import numpy as np
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    raw = (source / "stories260K.bin").read_bytes()
    dim, hidden, layers, heads, kv_heads, vocabulary, window = struct.unpack("<7i", raw[:28])
    numbers = torch.from_numpy(np.frombuffer(raw[28:], dtype=np.float32).copy())
    kv, place = dim * kv_heads // heads, 0

    def take(*shape: int) -> Any:
        nonlocal place
        size = int(np.prod(shape))
        place += size
        return numbers[place - size : place].reshape(shape)

    embedding = take(vocabulary, dim)
    kinds = {
        "input_layernorm": take(layers, dim),
        "self_attn.q_proj": _halves(take(layers, dim, dim), heads),
        "self_attn.k_proj": _halves(take(layers, kv, dim), kv_heads),
        "self_attn.v_proj": take(layers, kv, dim),
        "self_attn.o_proj": take(layers, dim, dim),
        "post_attention_layernorm": take(layers, dim),
        "mlp.gate_proj": take(layers, hidden, dim),
        "mlp.down_proj": take(layers, dim, hidden),
        "mlp.up_proj": take(layers, hidden, dim),
    }
    state = {"model.embed_tokens.weight": embedding, "model.norm.weight": take(dim)}
    for kind, weights in kinds.items():
        state |= {f"model.layers.{number}.{kind}.weight": weights[number] for number in range(layers)}
    config = LlamaConfig(
        vocab_size=vocabulary, hidden_size=dim, intermediate_size=hidden, num_hidden_layers=layers,
        num_attention_heads=heads, num_key_value_heads=kv_heads, max_position_embeddings=window, rms_norm_eps=1e-5,
        tie_word_embeddings=True, bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    missing = model.load_state_dict(state, strict=False)
    assert missing.missing_keys in ([], ["lm_head.weight"]) and not missing.unexpected_keys
    model.save_pretrained(folder)
    _tokenizer(source / "tok512.bin", vocabulary).save_pretrained(folder)
    return folder


def _halves(weights: Any, heads: int) -> Any:
    """Rows of each head from pairs (0, 1), (2, 3), ... to first and second halves."""
    layers, rows, columns = weights.shape
    pairs = weights.reshape(layers, heads, rows // heads // 2, 2, columns)
    return pairs.transpose(2, 3).reshape(layers, rows, columns)


def _tokenizer(path: Path, size: int) -> Any:
    from tokenizers import Tokenizer, decoders, models, normalizers, processors
    from transformers import PreTrainedTokenizerFast

    raw, place, pieces = path.read_bytes(), 4, []
    for _ in range(size):
        length = struct.unpack("<i", raw[place + 4 : place + 8])[0]
        pieces.append(raw[place + 8 : place + 8 + length].decode())
        place += 8 + length
    pieces[:3] = ["<unk>", "<s>", "</s>"]
    vocabulary = {piece.replace(" ", SPACE): number for number, piece in enumerate(pieces)}
    merges = [
        (piece[:cut], piece[cut:])
        for piece in vocabulary  # in the order of their scores
        if not piece.startswith("<")
        for cut in range(1, len(piece))
        if piece[:cut] in vocabulary and piece[cut:] in vocabulary
    ]
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend(SPACE), normalizers.Replace(" ", SPACE)])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    steps = [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    tokenizer.decoder = decoders.Sequence(steps)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="</s>"
    )
