"""Each published recipe as its document has it and as our trainer runs it: padding, speed, and what is learned.

    python benchmarks/seed_recipes.py --data FOLDER

Both sides of a recipe start from the bundled starter, meet the same conversations equally often, and have the recipe's
hyperparameters and seed (see `seed_contenders.py`); each runs in a process of its own on one thread. Rows are of the
kind that the document names; of those that FOLDER does not hold, questions on the bundled field guide take the place.
`useful`: tokens that are no padding, of the positions computed. Tokens a second: of conversations, so that an opening
which many of them share counts in each. The loss on held-out answers is per token; its interval resamples answers, and
says nothing about other orders of the same rows.
"""

import argparse
import csv
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from loresmith.recipe import TrainConfig, load

Pair = tuple[str, str]
Encoded = tuple[list[int], int]
PROGRAM = Path(__file__).with_name("seed_contenders.py")
RECIPES = Path(__file__).parents[1] / "recipes"
GUIDE = Path(__file__).parents[1] / "examples" / "field-guide" / "documents"
RESAMPLES = 2000
PACKAGES = ("torch", "transformers", "peft", "trl", "accelerate", "bitsandbytes")


@dataclass(frozen=True)
class Case:
    """One recipe at the size of this benchmark."""

    recipe: str
    source: str
    """Below the data folder: a file of rows, or a folder of documents to make questions of."""
    train: int
    """Conversations to train on."""
    held_out: int
    theirs: str
    """How the document trains, in words."""


CASES = (
    Case("ai-research-qa", "eval/llm_adapters/ARC-Challenge_train.json", 48, 150, "Trainer, padded to 512, whole text"),
    Case("qwen-full", "instruct/llama_factory/alpaca_en_demo.json", 48, 150, "Trainer, padded to 512, whole text"),
    Case("deepseek-papers", "pdf/papers", 120, 150, "SFTTrainer, bitsandbytes NF4, whole text"),
    Case("ml-tutor", "instruct/llama_factory/alpaca_en_demo.json", 96, 150, "SFTTrainer, bitsandbytes NF4, whole text"),
    Case("domain-experts", "eval/sciq/validation.csv", 320, 150, "Trainer, PEFT, whole text"),
)


def pairs_in(source: Path) -> list[Pair]:
    """Questions and answers of a file of rows, in its order."""
    if source.suffix == ".csv":
        with source.open(encoding="utf-8", newline="") as file:
            return [(row["question"], row["correct_answer"]) for row in csv.DictReader(file)]
    from loresmith.exchange.reading import read

    single = (dialogue for dialogue in read(source).dialogues if len(dialogue.turns) == 2)
    return [(dialogue.turns[0].text, dialogue.turns[1].text) for dialogue in single]


def pairs_about(documents: Sequence[Path], folder: Path) -> tuple[list[Pair], list[Pair]]:
    """Training questions on `documents`, and the exam's other wordings of them, by our stages up to the split."""
    from loresmith import artifact
    from loresmith.pipeline import Project, run
    from loresmith.recipe import Recipe, rehearsed
    from loresmith.records import Question

    asked = Recipe(name="questions", documents=tuple(map(str, documents)))
    small, _ = rehearsed(asked)
    for _ in run(Project(folder, small, rehearsed=True), until="split"):
        pass
    split = artifact.read(folder / "split", made_by="split")
    train, recall = (
        [(row.question, row.answer) for row in split.rows(Question, f"{name}.jsonl") if row.form == "short"]
        for name in ("train", "recall")
    )
    return train, recall


def rows_of(case: Case, data: Path | None, folder: Path) -> tuple[str, list[Pair], list[Pair]]:
    """Where the rows of `case` are from, those to train on and those held out, both in a fixed random order."""
    source = data / case.source if data else None
    if source is None or not source.exists():
        name, documents = "the bundled field guide", sorted(GUIDE.iterdir())
        train, held_out = pairs_about(documents, folder)
    elif source.is_dir():
        name, documents = f"{case.source} (DeepSeek)", sorted(source.glob("DeepSeek*.pdf"))
        train, held_out = pairs_about(documents, folder)
    else:
        name, found = case.source, _shuffled(pairs_in(source))
        train, held_out = found[case.held_out :], found[: case.held_out]
    return name, _shuffled(train), _shuffled(held_out)


def encoded(pairs: Sequence[Pair], longest: int) -> list[Encoded]:
    """Conversations in the starter's template that fit: as ids, and where the answer begins."""
    from loresmith.models import chat, prompts
    from loresmith.models.locate import find
    from loresmith.models.weights import load_tokenizer

    tokenizer = load_tokenizer(find("starter"))
    how = chat.turn(tokenizer)
    asked = ((chat.render(tokenizer, prompts.short(question)), answer) for question, answer in pairs)
    made = (([*prompt, *chat.reply(tokenizer, answer, how)], len(prompt)) for prompt, answer in asked)
    return [one for one in made if len(one[0]) <= longest]


def measured(recipe: str, side: str, rows: Path) -> dict[str, Any]:
    """The figures of one run, from a process of its own on one thread."""
    alone = {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")} | {"TOKENIZERS_PARALLELISM": "false"}
    done = subprocess.run(
        [sys.executable, str(PROGRAM), recipe, side, str(rows)],
        capture_output=True, text=True, check=False, env=os.environ | alone,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{recipe}, {side} failed:\n{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def per_token(losses: Sequence[float], tokens: Sequence[int]) -> tuple[float, float, float]:
    """Nats per answer token over all answers, with a 95% interval from resampling the answers."""
    total, count = np.asarray(losses), np.asarray(tokens)
    drawn = np.random.default_rng(0).integers(len(count), size=(RESAMPLES, len(count)))
    low, high = np.quantile(total[drawn].sum(axis=1) / count[drawn].sum(axis=1), (0.025, 0.975))
    return float(total.sum() / count.sum()), float(low), float(high)


def sides(recipe: str) -> tuple[str, ...]:
    """What is compared: also our packing, where the document turns packing off."""
    return ("theirs", "ours") if _settings(recipe).packing else ("theirs", "ours", "ours, packed")


def lines(case: Case, found: dict[str, dict[str, Any]], tokens: Sequence[int]) -> Iterator[str]:
    """The rows of the table for one recipe."""
    theirs = found["theirs"].get("tokens_per_cpu_second")
    for side, run in found.items():
        name = case.theirs if side == "theirs" else side
        if "not_measured" in run:
            yield f"| {case.recipe} | {name} | not measured: {run['not_measured']} | | | | | | |"
            continue
        loss, low, high = per_token(run["losses"], tokens)
        useful, with_loss = (run[key] / run["computed"] for key in ("real", "with_loss"))
        ratio = f"{run['tokens_per_cpu_second'] / theirs:.1f}" if theirs else "–"
        yield (
            f"| {case.recipe} | {name} | {useful:.0%} | {with_loss:.0%} "
            f"| {run['tokens_per_second']:,.0f} | {run['tokens_per_cpu_second']:,.0f} | {ratio} "
            f"| {loss:.3f} ({low:.3f}, {high:.3f}) | {run['peak_mib']:,} MiB |"
        )


def verdict(case: Case, base: Sequence[float], found: dict[str, dict[str, Any]], tokens: Sequence[int]) -> str:
    """What the held-out answers say, in one line."""
    loss, low, high = per_token(base, tokens)
    words = f"{case.recipe}: {len(tokens)} held-out answers, {sum(tokens):,} tokens"
    words += f"; before training {loss:.3f} ({low:.3f}, {high:.3f})"
    if "not_measured" in found["theirs"]:
        return words
    apart = [ours - theirs for ours, theirs in zip(found["ours"]["losses"], found["theirs"]["losses"], strict=True)]
    change, low, high = per_token(apart, tokens)
    return f"{words}; ours less theirs {change:+.3f} ({low:+.3f}, {high:+.3f})"


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="Folder with the rows that CASES names.")
    parser.add_argument("--only", default="", help="Names of recipes, with commas.")
    given = parser.parse_args()
    print(f"{platform.machine()}, one thread; {_versions()}\n")
    print("| recipe | run | useful | with loss | tokens/s | tokens/CPU s | ratio | held-out loss (95%) | peak memory |")
    print("|---|---|---:|---:|---:|---:|---:|---|---:|", flush=True)
    said = []
    for case in CASES:
        if given.only and case.recipe not in given.only.split(","):
            continue
        with tempfile.TemporaryDirectory() as folder:
            name, counts, rows = _written(case, given.data, Path(folder))
            base = measured(case.recipe, "base", rows)["losses"]
            found = {side: measured(case.recipe, side, rows) for side in sides(case.recipe)}
        print("\n".join(lines(case, found, counts)), flush=True)
        said.append(f"{verdict(case, base, found, counts)}; rows: {name}")
    print("\n" + "\n".join(said))
    return 0


def _written(case: Case, data: Path | None, folder: Path) -> tuple[str, list[int], Path]:
    """Where the rows are from, the tokens of each held-out answer, and the file with all conversations."""
    longest = _settings(case.recipe).max_length
    name, train, held_out = rows_of(case, data, folder / "project")
    parts = {"train": encoded(train, longest)[: case.train], "held_out": encoded(held_out, longest)[: case.held_out]}
    path = folder / "rows.json"
    path.write_text(json.dumps(parts), encoding="utf-8")
    return name, [len(ids) - begin for ids, begin in parts["held_out"]], path


def _settings(recipe: str) -> TrainConfig:
    return load(RECIPES / f"{recipe}.yaml").train


def _shuffled(pairs: Sequence[Pair]) -> list[Pair]:
    return [pairs[place] for place in np.random.default_rng(0).permutation(len(pairs))]


def _versions() -> str:
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"no {package}")
    return ", ".join(found)


if __name__ == "__main__":
    sys.exit(main())
