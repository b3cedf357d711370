"""Random models of published shapes, with adapters, for the export benchmarks: real widths, as many layers as asked.

The tokenizer is a byte-level one of 300 tokens; the rows of the embedding beyond it belong to tokens never used, as in
the published models.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SHAPES: dict[str, dict[str, Any]] = {
    "qwen2.5-3b": {
        "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_size": 2048, "intermediate_size": 11008,
        "num_hidden_layers": 36, "num_attention_heads": 16, "num_key_value_heads": 2, "vocab_size": 151936,
        "max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "rope_theta": 1e6, "tie_word_embeddings": True,
        "hidden_act": "silu", "use_sliding_window": False,
    },
    "qwen2.5-0.5b": {
        "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_size": 896, "intermediate_size": 4864,
        "num_hidden_layers": 24, "num_attention_heads": 14, "num_key_value_heads": 2, "vocab_size": 151936,
        "max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "rope_theta": 1e6, "tie_word_embeddings": True,
        "hidden_act": "silu", "use_sliding_window": False,
    },
    "llama-3.2-3b": {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 3072, "intermediate_size": 8192,
        "num_hidden_layers": 28, "num_attention_heads": 24, "num_key_value_heads": 8, "head_dim": 128,
        "vocab_size": 128256, "max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "rope_theta": 5e5,
        "tie_word_embeddings": True, "hidden_act": "silu", "attention_bias": False, "mlp_bias": False,
        "rope_scaling": {
            "rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 8192,
        },
    },
}  # fmt: skip
SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
CHATML = (
    "{%- for message in messages -%}"
    "{{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' -}}"
    "{%- endfor -%}{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}"
)
RANK, ALPHA = 16, 32


def build(folder: Path, shape: str, *, layers: int | None = None, words: int | None = None) -> tuple[Path, Path]:
    """Folders of a bfloat16 base in shards and of an adapter on all its linears; made once, then found again.

    Args:
        folder: Of both.
        shape: A key of `SHAPES`.
        layers: Fewer or more than the shape has.
        words: Rows of the embedding, likewise.
    """
    config = {**SHAPES[shape], "dtype": "bfloat16", "bos_token_id": None, "eos_token_id": 258, "pad_token_id": 256}
    config["num_hidden_layers"] = layers or config["num_hidden_layers"]
    config["vocab_size"] = words or config["vocab_size"]
    name = f"{shape}-{config['num_hidden_layers']}-{config['vocab_size']}"
    base, adapter = folder / name, folder / f"{name}-adapter"
    if not (adapter / "adapter_config.json").is_file():
        base.mkdir(parents=True, exist_ok=True)
        adapter.mkdir(exist_ok=True)
        (base / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
        _save_words(base)
        _save_weights(base, config)
        _save_adapter(adapter, config)
    return base, adapter


def _linears(config: dict[str, Any]) -> dict[str, tuple[int, int]]:
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    keys = config["num_key_value_heads"] * (hidden // config["num_attention_heads"])
    return {
        "self_attn.q_proj": (hidden, hidden), "self_attn.k_proj": (keys, hidden), "self_attn.v_proj": (keys, hidden),
        "self_attn.o_proj": (hidden, hidden), "mlp.gate_proj": (inner, hidden), "mlp.up_proj": (inner, hidden),
        "mlp.down_proj": (hidden, inner),
    }  # fmt: skip


def _parts(config: dict[str, Any]) -> Iterator[dict[str, tuple[int, ...]]]:
    """Names and shapes of one shard after the other."""
    hidden = config["hidden_size"]
    yield {"model.embed_tokens.weight": (config["vocab_size"], hidden), "model.norm.weight": (hidden,)}
    for layer in range(config["num_hidden_layers"]):
        inside: dict[str, tuple[int, ...]] = {f"{name}.weight": shape for name, shape in _linears(config).items()}
        inside |= {"input_layernorm.weight": (hidden,), "post_attention_layernorm.weight": (hidden,)}
        if config["model_type"] == "qwen2":
            inside |= {f"self_attn.{part}_proj.bias": inside[f"self_attn.{part}_proj.weight"][:1] for part in "qkv"}
        yield {f"model.layers.{layer}.{name}": shape for name, shape in inside.items()}


def _save_weights(folder: Path, config: dict[str, Any]) -> None:
    import torch
    from safetensors.torch import save_file

    rng = torch.Generator().manual_seed(11)
    shards = list(_parts(config))
    where: dict[str, str] = {}
    total = 0
    for number, shapes in enumerate(shards, 1):
        file = f"model-{number:05}-of-{len(shards):05}.safetensors"
        tensors = {}
        for name, shape in shapes.items():
            # no row alike: trained weights differ in scale from row to row, which is what quantisers react to
            scale = 0.02 * (1 + torch.rand(shape[0], *[1] * (len(shape) - 1), generator=rng))
            tensor = torch.randn(shape, generator=rng).mul_(scale)
            tensors[name] = (tensor + 1 if name.endswith("norm.weight") else tensor).to(torch.bfloat16)
            total += 2 * math.prod(shape)
        save_file(tensors, folder / file, metadata={"format": "pt"})
        where |= dict.fromkeys(tensors, file)
    index = {"metadata": {"total_size": total}, "weight_map": where}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")


def _save_adapter(folder: Path, config: dict[str, Any]) -> None:
    import torch
    from safetensors.torch import save_file

    rng = torch.Generator().manual_seed(12)
    tensors = {}
    for layer in range(config["num_hidden_layers"]):
        for name, (rows, columns) in _linears(config).items():
            start = f"base_model.model.model.layers.{layer}.{name}"
            tensors[f"{start}.lora_A.weight"] = torch.randn(RANK, columns, generator=rng) / math.sqrt(columns)
            tensors[f"{start}.lora_B.weight"] = torch.randn(rows, RANK, generator=rng) * 0.01
    save_file(tensors, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    settings = {
        "peft_type": "LORA", "task_type": "CAUSAL_LM", "r": RANK, "lora_alpha": ALPHA, "bias": "none",
        "target_modules": sorted({name.rpartition(".")[2] for name in _linears(config)}),
    }  # fmt: skip
    (folder / "adapter_config.json").write_text(json.dumps(settings), encoding="utf-8")


def _save_words(folder: Path) -> None:
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({letter: n for n, letter in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    tokenizer.add_special_tokens([AddedToken(word, special=True, normalized=False) for word in special])
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"
    }  # fmt: skip
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    (folder / "chat_template.jinja").write_text(CHATML, encoding="utf-8")
