"""MODEL_CARD.md of the starter, filled from the run's own files: sources, log, state and measured figures."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from string import Template
from typing import Any

from loresmith.statistics import wilson
from training.starter import curve, packing

SORTS = {
    "closed": "closed book, about held-out text (never told: guessing)",
    "grounded": "the answer stands in the sources",
    "choice": "multiple choice (chance: 25%)",
    "untold": "the sources do not tell",
}


def write(work: Path, folder: Path, scores: dict[str, Any], machine: str, note: str = "") -> None:
    """Write MODEL_CARD.md and learning_curve.svg into `folder` from the files of the run in `work`."""
    state = json.loads((work / "state.json").read_text(encoding="utf-8"))
    sources = json.loads((work / "sources.json").read_text(encoding="utf-8"))
    setting = state["setting"]
    step_tokens = setting["rows"] * setting["length"]
    picture = curve.draw(curve.read_log(work / "log.jsonl"), step_tokens)
    (folder / "learning_curve.svg").write_text(picture, encoding="utf-8")
    words = packing.load(work / "stream.u16")
    exercise = float((words > packing.TOKEN_MASK).mean())
    facts = {
        "sources": _sources(sources),
        "corpus_tokens": f"{sum(source['tokens'] for source in sources):,}",
        "stream_tokens": f"{len(words) - 1:,}",
        "text_share": f"{1 - exercise:.0%}",
        "exercise_share": f"{exercise:.0%}",
        "steps": f"{state['step']:,}",
        "step_tokens": f"{step_tokens:,}",
        "million_tokens": f"{state['step'] * step_tokens / 1e6:.1f}",
        "hours": f"{state['seconds'] / 3600:.2f}",
        "machine": machine,
        "cool_from": f"{setting['cool_from']:.0%}",
        "long_rows": _late(setting["long_from"], ", in the last {} of the steps of 512"),
        "rounding": _late(setting["round_from"], "\nIn the last {} of the steps the forward pass saw 4-bit matrices."),
        "note": f"\n**{note}**\n" if note else "",
        "figures": _figures(scores),
    }
    facts |= {key: str(setting[key]) for key in ("matrix_rate", "other_rate", "circuit_share", "warm_up_steps")}
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
    told, lora, stop, coarse = scores["held_out"], scores["lora"], scores["stopping"], scores["rounding"]
    exact = scores["exact"].items()
    rows = [
        (f"held-out text, {told['tokens']:,} tokens", f"{told['nats_per_token']:.3f} nats a token"),
        ("same, per byte", f"{told['bits_per_byte']:.3f} bits, perplexity {told['perplexity_per_byte']:.3f}"),
        ("generations that stop by themselves within 64 tokens", _share(stop["stopped"], stop["n"])),
        *((f"exact answer: {SORTS[kind]}", _share(found["right"], found["n"])) for kind, found in exact),
        ("tokens copied of a random span told twice", f"{scores['copy']:.1%}"),
        ("multiple choice: same letter with 4-bit matrices", _share(coarse["same"], coarse["n"])),
        ("LoRA: exact answer to a held-back wording", _share(lora["lora_right"], lora["n"])),
        ("same questions without the adapter", _share(lora["base_right"], lora["n"])),
    ]
    lines = [
        "| what | figure (95% Wilson interval) |",
        "|---|---|",
        *(f"| {what} | {figure} |" for what, figure in rows),
    ]
    return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    found = wilson(part, whole)
    return f"{part}/{whole} = {found.value:.1%} [{found.low:.1%}, {found.high:.1%}]"


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
