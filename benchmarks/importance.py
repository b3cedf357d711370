"""What an importance matrix gives: how far the probabilities of a quantised file are from those of the 16-bit model.

    loresmith demo                                          # or any other project that is trained
    python benchmarks/importance.py --project runs/demo

Kullback-Leibler divergence in nats for each next token, of the merged 16-bit model from the same network with the
weights of the file; both compute in float32, so that nothing but the rounding of weights is seen. Texts: conversations
of the recall and transfer exams, each closed book and with its passage, none of which the matrix is measured on; and
Markdown that has nothing to do with the project. Less is better; the difference is paired by text, with the interval of
a bootstrap over documents.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parent.parent))

from loresmith import artifact, export
from loresmith.artifact import Artifact, Plan
from loresmith.export import layout
from loresmith.models import full_weights, locate, merging
from loresmith.models.conversations import conversations, taught
from loresmith.models.locate import ModelSource
from loresmith.models.weights import load_model, load_tokenizer
from loresmith.plugins import Conversation
from loresmith.progress import finish
from loresmith.recipe import ExportConfig, ModelConfig, TrainConfig
from loresmith.recipe.settings import ExportSettings
from loresmith.records import Chunk, Question
from loresmith.statistics import bootstrap, paired_bootstrap

ROOT = Path(__file__).parent.parent
SAMPLES, SEED = 4000, 1
PIECE = 384
"""Tokens of a piece of Markdown."""


@dataclass(frozen=True)
class Text:
    """What is read, and which document it is from."""

    ids: tuple[int, ...]
    document: str


def main() -> None:
    """Print a table for each kind of text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", type=Path, required=True, help="A project that is trained.")
    parser.add_argument("--quantizations", nargs="+", default=["q4_k_m", "q4_0"])
    parser.add_argument("--texts", type=int, default=200, help="Most of each kind, drawn at random.")
    parser.add_argument("--tokens", nargs="+", type=int, default=[1024, 4096, 16384], help="That a matrix is made of.")
    given = parser.parse_args()
    folders = {"chunk": "chunks", "split": "split", "train": "adapter"}
    parents = {stage: artifact.read(given.project / folder, made_by=stage) for stage, folder in folders.items()}
    model = ModelConfig.model_validate(parents["train"].manifest.settings["model"])
    source = locate.find(model.base, model.revision)
    texts = {"exam conversations": list(_exams(parents, source)), "other text": list(_other(source))}
    texts = {kind: random.Random(SEED).sample(found, min(given.texts, len(found))) for kind, found in texts.items()}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        tuned = full_weights.tuned(source.path, parents["train"].path)
        whole = folder / "merged"
        for _ in merging.merge_to_folder(tuned.weights, tuned.lora, whole, dtype=lambda weights: weights.sixteen_bit):
            pass
        exact, rounded = (load_model(ModelSource("folder", whole, "merged"), "float32") for _ in range(2))
        for quantization in given.quantizations:
            found: dict[str, dict[int, list[float]]] = {kind: {} for kind in texts}
            for tokens in (0, *given.tokens):
                settings = ExportSettings(model=model, export=_wanted(quantization, tokens))
                made = finish(export.run(Plan("export", settings, parents), folder / "export"))
                _take(rounded, made / export.WEIGHTS, source)
                for kind, read in texts.items():
                    found[kind][tokens] = [_divergence(exact, rounded, text) for text in read]
            for kind, read in texts.items():
                _tell(f"{quantization}, {kind}", read, found[kind])


def _wanted(quantization: str, tokens: int) -> ExportConfig:
    measured = {"importance": "training", "importance_tokens": tokens} if tokens else {}
    return ExportConfig.model_validate({"quantization": quantization, **measured})


def _exams(parents: dict[str, Artifact], source: ModelSource) -> Iterator[Text]:
    config = TrainConfig.model_validate(parents["train"].manifest.settings["train"])
    shown = config.model_copy(update={"open_book": 1.0})
    passages = {chunk.id: chunk.text for chunk in parents["chunk"].rows(Chunk)}
    rows = [row for name in ("recall", "transfer") for row in parents["split"].rows(Question, f"{name}.jsonl")]
    for question, made in conversations(taught(rows, passages, shown), load_tokenizer(source), config.max_length):
        if isinstance(made, Conversation):
            yield Text(made.ids, question.document)


def _other(source: ModelSource) -> Iterator[Text]:
    tokenizer = load_tokenizer(source)
    for path in sorted((ROOT / "docs").rglob("*.md")):
        ids = [int(token) for token in tokenizer(path.read_text(encoding="utf-8"))["input_ids"]]
        for start in range(0, len(ids) - PIECE, PIECE):
            yield Text(tuple(ids[start : start + PIECE]), path.name)


@torch.no_grad()
def _take(network: Any, path: Path, source: ModelSource) -> None:
    """`network` has the weights of the GGUF file, as they are read back."""
    import gguf

    shape = layout.read(locate.configuration(source))
    weights = network.state_dict()
    named = {new: old for old, new in layout.gguf_names(weights, shape.tied).items()}
    for tensor in gguf.GGUFReader(path).tensors:
        if tensor.name not in named:
            continue
        target = weights[named[tensor.name]]
        order = layout.row_order(tensor.name, len(target), shape)
        back = torch.from_numpy(np.array(gguf.quants.dequantize(tensor.data, tensor.tensor_type), dtype=np.float32))
        target[slice(None) if order is None else order] = back.reshape(target.shape)


@torch.no_grad()
def _divergence(exact: Any, rounded: Any, text: Text) -> float:
    """Nats for each token, on average over the text."""
    ids = torch.tensor([text.ids])
    truth, guess = (network(ids).logits[0].float().log_softmax(-1) for network in (exact, rounded))
    return float((truth.exp() * (truth - guess)).sum(-1).mean())


def _tell(title: str, texts: Sequence[Text], found: dict[int, list[float]]) -> None:
    documents = [text.document for text in texts]
    total = sum(len(text.ids) for text in texts)
    print(f"\n{title}: {len(texts)} texts, {total:,} tokens, {len(set(documents))} documents")
    for tokens, scores in found.items():
        rng = np.random.default_rng(SEED)
        level = bootstrap(scores, documents, rng, SAMPLES)
        line = f"{tokens or 'no matrix':>10} {level.value:.5f} [{level.low:.5f}, {level.high:.5f}]"
        if tokens:
            change = paired_bootstrap(found[0], scores, documents, rng, SAMPLES)
            line += f"  change {change.value:+.5f} [{change.low:+.5f}, {change.high:+.5f}]"
            line += f" ({change.value / np.mean(found[0]):+.1%}; {change.method})"
        print(line, flush=True)


if __name__ == "__main__":
    main()
