"""MODEL_CARD.md of the starter, filled from the run's own files: sources, log, state and measured figures."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from string import Template
from typing import Any

from safetensors.torch import load_file

from training.starter import curve, fitting, packing
from training.starter.reading_exam import counted

EXERCISES = {
    "pairs": "key-value lists",
    "table": "invented tables",
    "invented": "passages about invented things",
    "corpus": "passages of held-out text",
}


def write(work: Path, folder: Path, scores: dict[str, Any], machine: str, note: str = "") -> None:
    """Write MODEL_CARD.md and learning_curve.svg into `folder` from the files of the run in `work`."""
    state = json.loads((work / "state.json").read_text(encoding="utf-8"))
    sources = json.loads((work / "sources.json").read_text(encoding="utf-8"))
    setting = state["setting"]
    seen = fitting.Fitting(**setting)
    picture = curve.draw(curve.read_log(work / "log.jsonl"), seen.tokens_before)
    (folder / "learning_curve.svg").write_text(picture, encoding="utf-8")
    words = packing.load(work / "stream.u16")
    exercise = float((words > packing.TOKEN_MASK).mean())
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    weights = sum(math.prod(tensor.shape) for tensor in load_file(folder / "model.safetensors").values())
    facts = {
        "million_weights": f"{weights / 1e6:.1f}",
        "vocabulary": f"{config['vocab_size']:,}",
        "sources": _sources(sources),
        "corpus_tokens": f"{sum(source['tokens'] for source in sources):,}",
        "stream_tokens": f"{len(words) - 1:,}",
        "text_share": f"{1 - exercise:.0%}",
        "exercise_share": f"{exercise:.0%}",
        "steps": f"{state['step']:,}",
        "rows": str(setting["rows"]),
        "million_tokens": f"{seen.tokens_before(state['step']) / 1e6:.1f}",
        "hours": f"{state['seconds'] / 3600:.2f}",
        "machine": machine,
        "cool_from": f"{setting['cool_from']:.0%}",
        "hold_until": f"{setting['hold_until']:.0%}",
        "long_rows": _late(setting["long_from"], ", in the last {} of the steps 512"),
        "rounding": _late(setting["round_from"], "\nIn the last {} of the steps the forward pass saw 4-bit matrices."),
        "note": f"\n**{note}**\n" if note else "",
        "figures": _figures(scores),
    }
    facts |= {
        key: str(setting[key]) for key in ("matrix_rate", "table_rate", "other_rate", "warm_up_steps", "guidance")
    }
    facts |= {f"lora_{key}": str(value) for key, value in scores["lora"].items()}
    facts["lora_seconds"] = f"{scores['lora']['seconds']:.0f}"
    template = Template(Path(__file__).with_name("card_template.md").read_text(encoding="utf-8"))
    (folder / "MODEL_CARD.md").write_text(template.substitute(facts), encoding="utf-8")


def _late(begins: float, sentence: str) -> str:
    """`sentence` with the share of the steps that come after `begins`, or nothing when none does."""
    return sentence.format(f"{1 - begins:.0%}") if begins < 1 else ""


def _sources(sources: list[dict[str, Any]]) -> str:
    lines = ["| file | what | licence | training tokens | sha256 |", "|---|---|---|---:|---|"]
    for source in sources:
        start = f"| {source['name']} | {source['origin']} | {source['licence']} "
        lines.append(f"{start}| {source['tokens']:,} | `{source['sha256']}` |")
    return "\n".join(lines)


def _figures(scores: dict[str, Any]) -> str:
    lora = scores["lora"]
    rows = [
        *(
            row
            for name, where in (("papers", "papers"), ("xquad", "Wikipedia"))
            for row in _reading(scores, name, where)
        ),
        *_people(scores),
        *((f"exercises, {what}: exact answers", _told(scores["exact"][kind])) for kind, what in EXERCISES.items()),
        ("tokens copied of a random span told twice", f"{scores['copy']:.1%}"),
        *_fluency("held-out text of the training sources", scores["held_out"]),
        *(_fluency("WikiText-2 validation text", scores["wikitext"]) if "wikitext" in scores else []),
        (
            "LoRA: exact answer to a held-back wording",
            _told(counted(lora["lora_right"], lora["n"])),
        ),
        ("same questions without the adapter", _told(counted(lora["base_right"], lora["n"]))),
        *_agreement(scores),
    ]
    lines = ["| what | figure (95% interval) |", "|---|---|", *(f"| {what} | {figure} |" for what, figure in rows)]
    return "\n".join(lines)


def _reading(scores: dict[str, Any], name: str, where: str) -> list[tuple[str, str]]:
    if "reading" not in scores:
        return []
    found = scores["reading"][name]
    named = {
        "spans": "rule-made questions, passage given: exact answer",
        "spans_closed_book": "the same without the passage",
        "cells": "table cells, table given: exact answer",
        "choice_by_text": "four options weighed as answers, passage given (chance: 25%)",
        "choice_by_text_closed_book": "the same without the passage",
        "choice_by_letter": "four options, letter chosen, passage given",
        "choice_by_letter_closed_book": "the same without the passage",
        "refused_rightly": "refusal when the passage is of another document",
        "refused_wrongly": "refusal when the passage answers",
    }
    return [(f"{where}: {what}", _told(found[key])) for key, what in named.items() if found[key]["n"]]


def _people(scores: dict[str, Any]) -> list[tuple[str, str]]:
    if "reading" not in scores:
        return []
    found, stopped = scores["reading"]["human"], scores["reading"]["stopped"]
    f1 = found["f1"]
    return [
        ("people's questions (XQuAD, English): token F1", f"{100 * f1['value']:.1f} [{100 * f1['low']:.1f}, "
         f"{100 * f1['high']:.1f}], n = {f1['n']:,}"),
        ("people's questions: exact answer", _told(found["exact"])),
        ("answers that end by themselves within 64 tokens", _told(stopped)),
    ]  # fmt: skip


def _fluency(what: str, found: dict[str, Any]) -> list[tuple[str, str]]:
    byte = f"{found['bits_per_byte']:.3f} bits a byte, perplexity {found['perplexity_per_byte']:.3f} a byte"
    return [(f"{what}, {found['tokens']:,} tokens", f"{found['nats_per_token']:.3f} nats a token, {byte}")]


def _agreement(scores: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (f"GGUF {kind} against transformers: {what}", _told(found[key]))
        for kind, found in scores.get("gguf", {}).items()
        for key, what in (("same_ids", "equal prompt ids"), ("same_answers", "equal greedy answers"))
    ]


def _told(found: dict[str, Any]) -> str:
    return f"{found['right']}/{found['n']} = {found['share']:.1%} [{found['low']:.1%}, {found['high']:.1%}]"


def main() -> None:
    """Write the card of a finished run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--scores", type=Path, required=True)
    parser.add_argument("--machine", required=True, help="the machine class in words")
    parser.add_argument("--note", default="", help="a sentence to put first")
    given = parser.parse_args()
    scores = json.loads(given.scores.read_text(encoding="utf-8"))
    write(given.work, given.model, scores, given.machine, given.note)


if __name__ == "__main__":
    main()
