"""Hand-over folders for Axolotl, AutoTrain and Unsloth: rows of role and content, and what reads them.

Sources: docs/dataset-formats/conversation.qmd of axolotl, configs/llm_finetuning of autotrain-advanced, Unsloth's guide
to datasets. Tool calls are not handed over: the three disagree on how they are written.
"""

from pathlib import Path
from typing import Any

from loresmith.exchange.delivery import Delivery, columns_of, write_card, write_splits, write_yaml
from loresmith.exchange.dialogue import Dialogue
from loresmith.exchange.messages import MESSAGES, messages_of
from loresmith.exchange.row_format import RowFormat

UNSLOTH_USE = """
```python
from datasets import load_dataset

rows = load_dataset("json", data_files={"train": "FOLDER/train.jsonl"}, split="train")
rows = rows.map(lambda row: {"text": tokenizer.apply_chat_template(row["conversations"], tokenize=False)})
```

`tokenizer` is what `FastLanguageModel.from_pretrained` gave; hand `rows` to `SFTTrainer` as `train_dataset`.
"""


def unfit(dialogue: Dialogue) -> str | None:
    """Why the dialogue is not handed over."""
    return "tool calls are not handed over to it" if dialogue.has_tools else None


def write_axolotl(delivery: Delivery, folder: Path) -> None:
    """Leave rows, `axolotl.yaml` with paths that hold when it is run inside the folder, and a card."""
    files = write_splits(delivery, MESSAGES, folder)
    config: dict[str, Any] = {
        "base_model": delivery.base_model,
        "adapter": "lora",
        "lora_r": 16,
        "lora_alpha": 32,
        "lora_target_linear": True,
        "chat_template": "tokenizer_default",
        "datasets": [_axolotl_source(files[delivery.learned])],
    }
    if "validation" in files:
        config["test_datasets"] = [_axolotl_source(files["validation"]) | {"split": "train"}]
    config |= {
        "sequence_len": 2048,
        "micro_batch_size": 2,
        "gradient_accumulation_steps": 4,
        "num_epochs": 3,
        "learning_rate": 0.0002,
        "output_dir": "./outputs",
    }
    write_yaml(folder / "axolotl.yaml", config)
    use = "Inside this folder: `axolotl train axolotl.yaml`. Set `base_model` and the sizes to your own."
    write_card(delivery, folder, files, columns_of(MESSAGES, delivery), use)


def write_autotrain(delivery: Delivery, folder: Path) -> None:
    """Leave `data/<split>.jsonl`, `autotrain.yml` and a card."""
    names = write_splits(delivery, MESSAGES, folder / "data")
    config = {
        "task": "llm-sft",
        "base_model": delivery.base_model,
        "project_name": delivery.name,
        "log": "tensorboard",
        "backend": "local",
        "data": {
            "path": "data/",
            "train_split": delivery.learned,
            "valid_split": "validation" if "validation" in names else None,
            "chat_template": "tokenizer",
            "column_mapping": {"text_column": "messages"},
        },
        "params": {"block_size": 1024, "epochs": 3, "batch_size": 2, "lr": 0.0002, "peft": True, "padding": "right"},
    }
    write_yaml(folder / "autotrain.yml", config)
    use = "Inside this folder: `autotrain --config autotrain.yml`. Set `base_model` and `params` to your own."
    files = {split: f"data/{name}" for split, name in names.items()}
    write_card(delivery, folder, files, columns_of(MESSAGES, delivery), use)


def write_unsloth(delivery: Delivery, folder: Path) -> None:
    """Leave rows with `conversations` of role and content, and a card with the lines that load them."""
    files = write_splits(delivery, UNSLOTH, folder)
    write_card(delivery, folder, files, columns_of(UNSLOTH, delivery), UNSLOTH_USE)


def _unsloth_row(dialogue: Dialogue) -> dict[str, Any]:
    return {"conversations": messages_of(dialogue)}


UNSLOTH = RowFormat(
    name="unsloth",
    about="conversations of role and content",
    columns={"conversations": "turns"},
    claims=lambda _: False,  # read as ShareGPT, which knows both spellings of messages
    read=lambda _: (),
    write=_unsloth_row,
)


def _axolotl_source(file: str) -> dict[str, Any]:
    return {
        "path": file,
        "ds_type": "json",
        "type": "chat_template",
        "field_messages": "messages",
        "message_property_mappings": {"role": "role", "content": "content"},
        "roles_to_train": ["assistant"],
    }
