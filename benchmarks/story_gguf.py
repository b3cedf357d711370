"""A small SentencePiece Llama as a GGUF file, which the product's own export refuses: for tests of llama.cpp alone.

The scores are the places of the pieces in the vocabulary, as merges were learned in that order. Pairs of each head lie
half a head apart in transformers and side by side in llama.cpp.
"""

import json
from pathlib import Path
from typing import Any

BYTE, CONTROL, NORMAL, UNKNOWN = 6, 3, 1, 2
NAMES = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def convert(folder: Path, path: Path) -> Path:
    """Write the model in `folder` (Llama layout, tied embeddings, SentencePiece BPE) to `path` in float32."""
    import gguf
    from safetensors.torch import load_file

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_dimension_count(config["hidden_size"] // heads)
    writer.add_rope_freq_base(float(config.get("rope_theta", 10000.0)))
    writer.add_vocab_size(config["vocab_size"])
    _vocabulary(writer, folder, config)
    for name, tensor in load_file(folder / "model.safetensors").items():
        renamed = _renamed(name)
        if renamed is not None:
            weights = tensor.float().numpy()
            if ".attn_q" in renamed or ".attn_k" in renamed:
                weights = _pairs(weights, heads if "attn_q" in renamed else kv_heads)
            writer.add_tensor(renamed, weights)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _vocabulary(writer: Any, folder: Path, config: dict[str, Any]) -> None:
    model = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    ids = {number: piece for piece, number in model["model"]["vocab"].items()}
    special = {token["id"]: token["content"] for token in model["added_tokens"] if token["special"]}
    pieces, types = [], []
    for number in range(config["vocab_size"]):
        piece = special.get(number, ids.get(number, f"<unused{number}>"))
        is_byte = len(piece) == 6 and piece.startswith("<0x")
        pieces.append(piece.encode())
        types.append(UNKNOWN if number == 0 else CONTROL if number in special else BYTE if is_byte else NORMAL)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(pieces)
    writer.add_token_scores([-float(number) for number in range(len(pieces))])
    writer.add_token_types(types)
    writer.add_bos_token_id(config["bos_token_id"])
    writer.add_eos_token_id(config["eos_token_id"])
    writer.add_add_bos_token(True)
    writer.add_chat_template((folder / "chat_template.jinja").read_text(encoding="utf-8"))


def _renamed(name: str) -> str | None:
    """The tensor's name in llama.cpp; `None` for a copy of the tied embedding."""
    if name == "lm_head.weight":
        return None
    if name in ("model.embed_tokens.weight", "model.norm.weight"):
        return {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"}[name]
    _, _, layer, rest = name.split(".", 3)
    return f"blk.{layer}.{NAMES[rest.removesuffix('.weight')]}.weight"


def _pairs(weights: Any, heads: int) -> Any:
    rows, columns = weights.shape
    halves = weights.reshape(heads, 2, rows // heads // 2, columns)
    return halves.swapaxes(1, 2).reshape(rows, columns).copy()
