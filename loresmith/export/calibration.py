"""The importance matrix of an export, measured on a sample of what was taught, rendered as in training.

Nothing else is read: no validation question, and no exam. Takes no merged model in memory or on the disk; on a CPU it
takes about as long as training on the sample would without its backward passes.
"""

import random
from pathlib import Path
from typing import Any

from transformers import AutoConfig

from loresmith.artifact import Plan
from loresmith.export import activations, importance
from loresmith.export.importance import Importance
from loresmith.export.layout import gguf_names
from loresmith.export.shipping import Shipment
from loresmith.models import locate, memory
from loresmith.models.conversations import conversations, taught
from loresmith.models.merging import MergedWeights
from loresmith.models.weights import device, load_tokenizer, precision
from loresmith.plugins import Conversation
from loresmith.progress import Work
from loresmith.recipe import TrainConfig
from loresmith.records import Chunk, Progress, Question


def measure(plan: Plan, shipment: Shipment, path: Path) -> Work[Importance]:
    """The matrix of the merged model, in `path` too; what an attempt that was killed left there is taken if it fits.

    Raises:
        UserError: what enters some matrix is not finite.
        MachineError: too little memory.
    """
    model = shipment.settings.model
    source = locate.find(model.base, model.revision)
    texts = sample(plan, load_tokenizer(source), shipment.settings.export.importance_tokens)
    how = activations.Running(device(), precision(model.dtype))
    origin = importance.origin(shipment.origin, texts, f"{how.place.type} {how.dtype}")
    if not importance.is_of(path, origin):
        config = AutoConfig.from_pretrained(source.path, local_files_only=True, trust_remote_code=False)
        if how.place.type == "cpu":
            memory.require(activations.memory_bytes(config, texts, how.dtype), "Measuring which columns matter")
        sums: activations.Sums = {}
        with MergedWeights(shipment.tuned.weights, shipment.tuned.lora) as weights:
            names = gguf_names(weights.shards, shipment.layout.tied)
            for done, layer in enumerate(activations.squares(weights, config, texts, how), 1):
                sums |= {names[name]: total for name, total in layer.items()}
                yield Progress(stage="export", done=done, total=shipment.layout.layers, note="which columns matter")
        importance.save(path, sums, texts, origin)
    return importance.read(path)


def sample(plan: Plan, tokenizer: Any, most_tokens: int) -> list[tuple[int, ...]]:
    """Token ids of whole conversations, drawn by the training's seed until they have `most_tokens`; the last is cut.

    Fewer tokens where fewer were taught.
    """
    config = TrainConfig.model_validate(plan.parents["train"].manifest.settings["train"])
    passages = {chunk.id: chunk.text for chunk in plan.parents["chunk"].rows(Chunk)} if config.open_book else {}
    rows = taught(plan.parents["split"].rows(Question, "train.jsonl"), passages, config)
    random.Random(f"importance {config.seed}").shuffle(rows)
    texts: list[tuple[int, ...]] = []
    left = most_tokens
    for _, made in conversations(rows, tokenizer, config.max_length):
        if left == 0:
            break
        if isinstance(made, Conversation):
            texts.append(made.ids[:left])
            left -= len(texts[-1])
    return texts
