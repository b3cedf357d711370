"""A data folder of LLaMA-Factory: ShareGPT rows and the `dataset_info.json` that describes them.

Source: data/README.md of hiyouga/LLaMA-Factory, and its converter, which skips a conversation whose turns do not
alternate between question or tool result and answer or tool call.
"""

import json
from pathlib import Path
from typing import Any

from loresmith.exchange.delivery import Delivery, columns_of, write_card, write_splits
from loresmith.exchange.dialogue import Dialogue
from loresmith.exchange.sharegpt import SHAREGPT, SPEAKERS

ASKS = ("user", "result")


def unfit(dialogue: Dialogue) -> str | None:
    """Why LLaMA-Factory would skip the dialogue."""
    alternates = all((turn.role in ASKS) == (place % 2 == 0) for place, turn in enumerate(dialogue.turns))
    return None if alternates else "LLaMA-Factory skips turns that do not alternate"


def write(delivery: Delivery, folder: Path) -> None:
    """Leave the rows, `dataset_info.json` and a card."""
    files = write_splits(delivery, SHAREGPT, folder)
    info = {_name(delivery, split): _entry(name, delivery) for split, name in files.items()}
    (folder / "dataset_info.json").write_text(json.dumps(info, indent=2, ensure_ascii=False), encoding="utf-8")
    keys = ["dataset_dir: FOLDER  # this one", f"dataset: {_name(delivery, delivery.learned)}"]
    if "validation" in files:
        keys.append(f"eval_dataset: {_name(delivery, 'validation')}")
    use = "In the YAML of `llamafactory-cli train`:\n\n```yaml\n" + "\n".join(keys) + "\n```"
    write_card(delivery, folder, files, columns_of(SHAREGPT, delivery), use)


def _name(delivery: Delivery, split: str) -> str:
    return f"{delivery.name}_{split}".replace("-", "_")


def _entry(file_name: str, delivery: Delivery) -> dict[str, Any]:
    columns = {"messages": "conversations"}
    if any(dialogue.tools for dialogue in delivery.dialogues):
        columns["tools"] = "tools"
    return {
        "file_name": file_name,
        "formatting": "sharegpt",
        "columns": columns,
        "tags": {
            "role_tag": "from",
            "content_tag": "value",
            "user_tag": SPEAKERS["user"],
            "assistant_tag": SPEAKERS["assistant"],
            "function_tag": SPEAKERS["call"],
            "observation_tag": SPEAKERS["result"],
            "system_tag": "system",
        },
    }
