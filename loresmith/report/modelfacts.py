"""What is known about the base model without loading it: its configuration, tokenizer and licence."""

import json
import re
from typing import Any

from loresmith.errors import UserError
from loresmith.models import locate
from loresmith.models.locate import ModelSource
from loresmith.recipe import Recipe
from loresmith.report.wording import count, millions
from loresmith.sizing import shape

_LICENCE = re.compile(r"^licen[cs]e:\s*['\"]?([^'\"\n]+)", re.MULTILINE | re.IGNORECASE)
SHAPE = (
    ("model_type", "Layout"),
    ("num_hidden_layers", "Layers"),
    ("hidden_size", "Hidden size"),
    ("intermediate_size", "Feed-forward size"),
    ("num_attention_heads", "Attention heads"),
    ("num_key_value_heads", "Key and value heads"),
    ("vocab_size", "Vocabulary"),
    ("max_position_embeddings", "Window, in tokens"),
)


def configuration(source: ModelSource | None) -> dict[str, Any]:
    """The model's `config.json`; empty where there is none, as for a GGUF file."""
    if source is None or source.kind == "gguf":
        return {}
    try:
        return locate.configuration(source)
    except UserError:
        return {}


def parameters(config: dict[str, Any]) -> int | None:
    """Weights of the base model by arithmetic; `None` for a layout that is not known."""
    try:
        return shape.read(config).parameters
    except UserError:
        return None


def model_facts(source: ModelSource | None, recipe: Recipe) -> tuple[tuple[str, str], ...]:
    """Names and values of what the model's own files say."""
    config = configuration(source)
    facts = [("Base model", recipe.model.base)]
    if recipe.model.revision:
        facts.append(("Revision", recipe.model.revision))
    if config.get("architectures"):
        facts.append(("Architecture", ", ".join(map(str, config["architectures"]))))
    facts += [(label, _shown(config[key])) for key, label in SHAPE if config.get(key) is not None]
    if number := parameters(config):
        facts.append(("Parameters", millions(number)))
    facts.append(("Licence", licence(source) or "not stated in the model's files; check before you ship"))
    return tuple(facts)


def licence(source: ModelSource | None) -> str | None:
    """What the model card's head says, if there is a card."""
    if source is None or not source.path.is_dir():
        return None
    for name in ("README.md", "MODEL_CARD.md"):
        card = source.path / name
        if card.is_file():
            head = card.read_text(encoding="utf-8", errors="replace")[:8000].split("\n---", 1)[0]
            if found := _LICENCE.search(head):
                return found.group(1).strip()
    return None


def tokenizer_facts(source: ModelSource | None) -> tuple[tuple[str, str], ...]:
    """Kind, size and special tokens of the tokenizer, as far as its files say."""
    if source is None or not (source.path / "tokenizer.json").is_file():
        return ()
    try:
        tokenizer = json.loads((source.path / "tokenizer.json").read_text(encoding="utf-8"))
        model = tokenizer["model"]
        special = [token["content"] for token in tokenizer.get("added_tokens", []) if token.get("special")]
    except (ValueError, KeyError, TypeError):
        return ()
    facts = [("Kind", str(model.get("type", "unknown"))), ("Pieces", count(len(model.get("vocab", ()))))]
    if special:
        facts.append(("Special tokens", ", ".join(special[:8]) + (", …" if len(special) > 8 else "")))
    return tuple(facts)


def _shown(given: Any) -> str:
    return count(given) if isinstance(given, int) else str(given)
