"""Small bases of the three layouts that are exported, adapters for them, and files made of both."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

LLAMA3_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2_SPLIT = LLAMA3_SPLIT.replace("{1,3}", "")
LLAMA3_TEMPLATE = (
    "{{- bos_token }}{%- for message in messages %}"
    "{{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' }}"
    "{{- message['content'] | trim + '<|eot_id|>' }}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{%- endif %}"
)
CHATML = (
    "{%- for message in messages -%}"
    "{{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' -}}"
    "{%- endfor -%}{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}"
)
TEXT = "Answer briefly and exactly. The relief valve opens at 4 bar, 1024 times a year. Which valve opens at four bar?"


def save_tokenizer(folder: Path, *, split: str, special: list[str], template: str, bos: str | None, end: str) -> None:
    """A byte-level tokenizer of about 330 tokens with this splitting pattern."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.BPE(ignore_merges=bos is not None))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(split), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=330, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False
    )
    tokenizer.train_from_iterator([TEXT], trainer)
    tokenizer.add_special_tokens([AddedToken(word, special=True, normalized=False) for word in special])
    if bos is not None:
        number = tokenizer.token_to_id(bos)
        tokenizer.post_processor = processors.TemplateProcessing(single=f"{bos} $A", special_tokens=[(bos, number)])
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": bos,
        "eos_token": end,
        "pad_token": special[0],
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    (folder / "chat_template.jinja").write_text(template, encoding="utf-8")


def save_model(folder: Path, layout: str, *, dtype: str = "bfloat16", shard: str = "5GB", **changes: object) -> Path:
    """Two random layers of `layout` beside the tokenizer in `folder`."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    sizes = {
        "vocab_size": 352, "hidden_size": 256, "intermediate_size": 512, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 64, "max_position_embeddings": 512,
        "tie_word_embeddings": True, "initializer_range": 0.06, "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id,
    }  # fmt: skip
    config = AutoConfig.for_model(layout, **(sizes | changes))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        model = AutoModelForCausalLM.from_config(config)
        for weight in model.parameters():  # norms and biases are 1 and 0 in a fresh model: none may be lost
            if weight.dim() == 1:
                weight.data += torch.randn_like(weight) * 0.1
    model.to(getattr(torch, dtype)).save_pretrained(folder, max_shard_size=shard)
    return folder


@pytest.fixture(scope="session")
def save_base() -> Callable[..., Path]:
    """`save_base(folder, layout, **changes of the configuration)`: random layers beside the tokenizer in `folder`."""
    return save_model


def _chatml(folder: Path) -> Path:
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    save_tokenizer(folder, split=QWEN2_SPLIT, special=special, template=CHATML, bos=None, end="<|im_end|>")
    return folder


@pytest.fixture(scope="session")
def qwen2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """bfloat16, tied, in several shards."""
    return save_model(_chatml(tmp_path_factory.mktemp("bases") / "qwen2"), "qwen2", shard="600KB")


@pytest.fixture(scope="session")
def qwen3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """float32, a head of its own, heads wider than the hidden size divided by their number, an odd number of tokens."""
    folder = _chatml(tmp_path_factory.mktemp("bases") / "qwen3")
    return save_model(folder, "qwen3", dtype="float32", tie_word_embeddings=False, head_dim=128, vocab_size=351)


@pytest.fixture(scope="session")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """float16, with a beginning token and llama3's scaling of positions."""
    folder = tmp_path_factory.mktemp("bases") / "llama"
    special = ["<|end_of_text|>", "<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
    save_tokenizer(
        folder, split=LLAMA3_SPLIT, special=special, template=LLAMA3_TEMPLATE, bos="<|begin_of_text|>", end="<|eot_id|>"
    )
    rope = {
        "rope_type": "llama3", "rope_theta": 10000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64,
    }  # fmt: skip
    return save_model(folder, "llama", dtype="float16", rope_parameters=rope, rms_norm_eps=1e-5)


@pytest.fixture(scope="session")
def fit_adapter(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """`fit_adapter(base, **changes of LoraConfig)`: a folder with a random adapter, as large as a trained one."""

    def fit(base: Path, **changes: object) -> Path:
        import torch
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModelForCausalLM

        from loresmith.models.weights import quiet

        folder = tmp_path_factory.mktemp("adapters") / base.name
        settings = {"r": 8, "lora_alpha": 16, "target_modules": "all-linear", "task_type": "CAUSAL_LM"} | changes
        with quiet():
            model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), LoraConfig(**settings))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(7)
            for name, weight in model.named_parameters():
                if "lora_B" in name:
                    weight.data = torch.randn_like(weight) * 0.02
        model.save_pretrained(folder)
        return folder

    return fit
