"""Whether our figures of public benchmarks are lm-evaluation-harness's own, and what each takes per question.

    python benchmarks/lm_eval_parity.py --data ../shared/data --output benchmarks/results/FILE.md

For the tiny real models and the starter: ARC-Challenge (0-shot), three subjects of MMLU (5-shot) and GSM8K (5-shot,
written), asked by the harness (one question at a time, its default) and by `loresmith.benchmark`, of the same rows in
one process. Prints both figures to four decimals, and what they rest on: the largest difference of any log-probability,
or how many of the written texts are the same. Seconds are those of the evaluation with a loaded model: on the clock,
and of the processors, which other programs disturb less. Exit code 1 where a figure differs. Both run in float32: in
bfloat16 the harness adds rounded log-probabilities, so that its options often tie. Needs the extra `eval`.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import harness
import stories

from loresmith import benchmark
from loresmith.benchmark.results import Mark, Results
from loresmith.benchmark.table import chosen
from loresmith.cli.environment import prepare
from loresmith.models.locate import find
from loresmith.progress import finish
from loresmith.recipe.benchmark import BenchmarkConfig

SUBJECTS = ("college_biology", "computer_security", "high_school_mathematics")
METRICS = {
    "acc_norm": "acc_norm,none",
    "acc": "acc,none",
    "strict_match": "exact_match,strict-match",
    "flexible_extract": "exact_match,flexible-extract",
}


@dataclass(frozen=True)
class Asked:
    """One task with its rows in both shapes."""

    name: str
    included: str
    """The harness's own definition."""
    splits: dict[str, harness.Rows]
    """As the harness reads them."""
    data: Path
    """As they were published, for ours."""
    changed: dict[str, Any]

    @property
    def questions(self) -> int:
        """How many are asked."""
        return len(self.splits["test"])


@dataclass(frozen=True)
class Spent:
    """Seconds for a question."""

    clock: float
    processors: float


class Watch:
    """Starts when it is made."""

    def __init__(self) -> None:
        self._clock, self._processors = time.perf_counter(), time.process_time()

    def spent(self, questions: int) -> Spent:
        """The time so far, for each of `questions`."""
        return Spent(
            (time.perf_counter() - self._clock) / questions, (time.process_time() - self._processors) / questions
        )


@dataclass(frozen=True)
class Line:
    """One figure of both."""

    model: str
    task: str
    questions: int
    metric: str
    theirs: float
    ours: float
    alike: str
    """The largest difference of a log-probability, in nats, or the texts that are the same."""
    their_time: "Spent"
    our_time: "Spent"

    @property
    def is_equal(self) -> bool:
        """To four decimals."""
        return f"{self.theirs:.4f}" == f"{self.ours:.4f}"

    def row(self) -> str:
        """The line of the table."""
        theirs, ours = self.their_time, self.our_time
        return (
            f"| {self.model} | {self.task} | {self.questions} | {self.metric} | {self.theirs:.4f} | {self.ours:.4f} | "
            f"{'yes' if self.is_equal else '**no**'} | {self.alike} | {theirs.clock:.4f} | {ours.clock:.4f} | "
            f"{theirs.clock / ours.clock:.1f} | {theirs.processors:.4f} | {ours.processors:.4f} | "
            f"{theirs.processors / ours.processors:.1f} |"
        )


def tasks(data: Path, folder: Path, rows: int, written: int) -> Iterator[Asked]:
    """The tasks with at most `rows` questions each, `written` where answers are written."""
    folder.mkdir(parents=True)
    path = _head(data / "arc" / "ARC-Challenge-Test.jsonl", folder / "ARC-Challenge-Test.jsonl", rows)
    nothing = {"training_split": None, "validation_split": None}
    yield Asked("arc_challenge", "arc/arc_challenge.yaml", {"test": harness.arc(path)}, path, nothing)
    for subject in SUBJECTS:
        home = folder / subject
        home.mkdir()
        both = {}
        for split, name in (("test", f"test/{subject}_test.csv"), ("dev", f"dev/{subject}_dev.csv")):
            found = harness.mmlu(data / "mmlu_hendrycks_format" / name)[: rows if split == "test" else None]
            both[split] = found
            _table(found, home / Path(name).name)
        yield Asked(f"mmlu:{subject}", f"mmlu/default/mmlu_{subject}.yaml", both, home, {"num_fewshot": 5})
    home = folder / "gsm8k"
    home.mkdir()
    lines = (data / "gsm8k" / "test.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    for split, part in (("test", lines[:written]), ("train", lines[written:])):
        (home / f"{split}.jsonl").write_text("".join(part), encoding="utf-8")
    both = {split: harness.gsm8k(home / f"{split}.jsonl") for split in ("test", "train")}
    yield Asked("gsm8k", "gsm8k/gsm8k.yaml", both, home, {})


def compared(name: str, folder: Path, asked: Asked, scratch: Path, model: Any) -> Iterator[Line]:
    """Both figures of one task on the model in `folder`, which the harness holds as `model`."""
    scratch.mkdir(parents=True)
    local = harness.task(scratch, asked.included, asked.splits, **asked.changed)
    watch = Watch()
    found = harness.evaluate(model, scratch, [local])
    their_time = watch.spent(asked.questions)
    results, marks, our_time = ours(folder, asked, scratch / "ours")
    alike = _alike(marks, found["samples"][local])
    for score in results.scores:
        value = float(found["results"][local][METRICS[score.metric]])
        yield Line(
            name, asked.name, asked.questions, score.metric, value, score.value.value, alike, their_time, our_time
        )


def ours(folder: Path, asked: Asked, target: Path) -> tuple[Results, list[Mark], Spent]:
    """Results and marks of `loresmith benchmark`, and its time once the model is loaded."""
    from loresmith.benchmark.hall import Hall
    from loresmith.benchmark.sitting import sit

    config = BenchmarkConfig(data=(str(asked.data),), tasks=(asked.name,))
    with Hall(benchmark.Examinee(find(str(folder)), "float32"), config) as hall:
        with hall.arm("base"):
            watch = Watch()
        made = finish(sit(hall, chosen(config.tasks)[0], target, alone=True))
        spent = watch.spent(asked.questions)
    results = Results.model_validate_json((made.path / "results.json").read_bytes())
    return results, list(made.rows(Mark)), spent


def _alike(marks: Sequence[Mark], samples: list[dict[str, Any]]) -> str:
    if not marks[0].likelihoods:
        texts = harness.texts(samples)
        return f"{sum(mark.given == text for mark, text in zip(marks, texts, strict=True))} of {len(marks)} texts"
    theirs = harness.likelihoods(samples)
    pairs = [pair for mark, row in zip(marks, theirs, strict=True) for pair in zip(mark.likelihoods, row, strict=True)]
    return f"{max(abs(x - y) for x, y in pairs):.1e}"


def models(data: Path, scratch: Path, wanted: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """The models by name; stories260K is converted first."""
    for name in wanted:
        if name == "stories260K":
            yield name, stories.convert(data / "models" / name, scratch / name)
        else:
            yield name, find("starter").path if name == "starter" else data / "models" / name


def main() -> int:
    """Print the table, write it where asked, and say by the exit status whether all figures are equal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--models", default="stories260K,llama_story_hf,starter")
    parser.add_argument("--tasks", default="", help="Only those whose name begins so; commas between them.")
    parser.add_argument("--rows", type=int, default=100, help="Questions of each task of choices.")
    parser.add_argument("--written", type=int, default=50, help="Questions of GSM8K.")
    parser.add_argument("--harness-batch", type=int, default=1, help="Batch size of the harness.")
    parser.add_argument("--harness-dtype", default="float32", help="`auto` is its default; figures may differ then.")
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    prepare()  # before torch is loaded
    names = tuple(part for part in given.tasks.split(",") if part)
    lines = [
        "| model | task | questions | metric | lm_eval | ours | equal | alike | s/question lm_eval | ours | ratio | "
        "processor s lm_eval | ours | ratio |",
        "|---|---|---:|---|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    print("\n".join(lines), flush=True)
    is_equal = True
    with TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        asked = list(tasks(given.data / "eval", scratch / "rows", given.rows, given.written))
        for name, folder in models(given.data, scratch, given.models.split(",")):
            model = harness.opened(folder, batch_size=given.harness_batch, dtype=given.harness_dtype)
            for task in asked:
                if names and not task.name.startswith(names):
                    continue
                place = scratch / name.replace("/", "-") / task.name.replace(":", "-")
                for line in compared(name, folder, task, place / "run", model):
                    lines.append(line.row())
                    print(lines[-1], flush=True)
                    is_equal &= line.is_equal
    libraries = ", ".join(f"{library} {version(library)}" for library in ("lm_eval", "torch", "transformers"))
    lines += [
        "",
        f"{libraries}, Python {sys.version.split()[0]}, lm_eval with batch size "
        f"{given.harness_batch} and dtype {given.harness_dtype}.",
    ]
    print(lines[-1])
    if given.output:
        given.output.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return int(not is_equal)


def _head(source: Path, target: Path, rows: int) -> Path:
    lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
    target.write_text("".join(lines[:rows]), encoding="utf-8")
    return target


def _table(rows: harness.Rows, path: Path) -> None:
    """The rows as MMLU was published: no header, the answer as a letter."""
    import csv

    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([row["question"], *row["choices"], "ABCD"[row["answer"]]] for row in rows)


if __name__ == "__main__":
    sys.exit(main())
