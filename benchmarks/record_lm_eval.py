"""Record what lm-evaluation-harness makes of our own small benchmarks and of hand-written answers, for the tests.

    python -m benchmarks.record_lm_eval

Writes tests/benchmark/recorded.json: figures and log-probabilities of the starter in float32, and which of the answers
in `ANSWERS` its two GSM8K filters count as right. Needs the extra `eval`; run it again when the harness is raised.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import harness  # noqa: E402

from loresmith.cli.environment import prepare  # noqa: E402
from loresmith.models.locate import find  # noqa: E402
from tests.benchmark import papers  # noqa: E402

SOLUTION = "He has 20 - 2 = <<20-2=18>>18 left.\n#### 18"
ANSWERS = {
    SOLUTION: (
        "#### 18", "####18", "#### 18.", "#### 18.0", "#### $18", "#### 018", "A: 18", "The answer is 18.",
        "The answer is $18.00", "\\boxed{18}", "**18**", "18", "eighteen", "", "N/A", "#### -18", "20 - 2 = 18 #### 19",
        "#### 19\n#### 18", "18 apples and 3 pears", "It is 18. #### ", "#### 18 dollars", " 18\n", "18%", "#### 18,",
        "x = 18.", "1 8", "#### 1,8",
    ),
    "All in all 1,319 pages.\n#### 1,319": ("#### 1319", "#### 1,319", "1319", "1,319.", "$1,319", "#### 1.319"),
    "It falls by 3.\n#### -3": ("#### -3", "-3", "minus 3", "10-3", "#### - 3", "3"),
}  # fmt: skip


def figures(folder: Path) -> dict[str, Any]:
    """What the harness says of the starter."""
    model = harness.opened(find("starter").path)
    found: dict[str, dict[str, Any]] = {}
    for name, included, splits, changed in tasks(folder / "papers"):
        home = folder / name.replace(":", "-")
        home.mkdir(parents=True)
        local = harness.task(home, included, splits, **changed)
        results = harness.evaluate(model, home, [local])
        scores = {key: value for key, value in results["results"][local].items() if "stderr" not in key}
        numbers = {key: float(value) for key, value in scores.items() if isinstance(value, float | int)}
        found[name] = {"scores": {key: value for key, value in numbers.items() if key != "sample_len"}}
        samples = results["samples"][local]
        if name == "gsm8k":
            found[name]["texts"] = harness.texts(samples)
        else:
            rows = harness.likelihoods(samples)
            found[name]["likelihoods"] = [[round(value, 4) for value in row] for row in rows]
    return found


def tasks(folder: Path) -> list[tuple[str, str, dict[str, harness.Rows], dict[str, Any]]]:
    """(our name, the harness's file, rows by split, what is changed) of each small benchmark."""
    nothing: dict[str, Any] = {"training_split": None, "validation_split": None}
    made = [("arc_challenge", "arc/arc_challenge.yaml", {"test": harness.arc(papers.arc(folder / "arc"))}, nothing)]
    tables = papers.mmlu(folder / "mmlu")
    for subject in papers.SUBJECTS:
        both = {split: harness.mmlu(tables / split / f"{subject}_{split}.csv") for split in ("test", "dev")}
        made.append((f"mmlu:{subject}", f"mmlu/default/mmlu_{subject}.yaml", both, dict[str, Any](num_fewshot=5)))
    sums = papers.gsm8k(folder / "gsm8k")
    both = {split: harness.gsm8k(sums / f"{split}.jsonl") for split in ("test", "train")}
    made.append(("gsm8k", "gsm8k/gsm8k.yaml", both, {}))
    return made


def filtered() -> list[dict[str, Any]]:
    """How the harness reads each of `ANSWERS`, by its own filters and its own exact match."""
    import lm_eval
    from lm_eval.api.metrics import exact_match_hf_evaluate
    from lm_eval.filters.extraction import RegexFilter
    from lm_eval.tasks._yaml_loader import load_yaml

    told = load_yaml(Path(lm_eval.__file__).parent / "tasks" / "gsm8k" / "gsm8k.yaml")
    metric = told["metric_list"][0]
    rows = []
    for solution, answers in ANSWERS.items():
        for answer in answers:
            row: dict[str, Any] = {"solution": solution, "answer": answer}
            for filters in told["filter_list"]:
                settings = {key: value for key, value in filters["filter"][0].items() if key != "function"}
                ((read,),) = RegexFilter(**settings).apply([[answer]], [{}])
                score = exact_match_hf_evaluate(
                    predictions=[read], references=[solution], ignore_case=metric["ignore_case"],
                    ignore_punctuation=metric["ignore_punctuation"], regexes_to_ignore=metric["regexes_to_ignore"],
                )["exact_match"]  # fmt: skip
                row[filters["name"].replace("-", "_")] = float(score)
            rows.append(row)
    return rows


def main() -> None:
    """Write the file."""
    prepare()
    with TemporaryDirectory() as folder:
        recorded = {
            "made_by": f"python -m benchmarks.record_lm_eval with lm_eval {version('lm_eval')}, float32, starter",
            "figures": figures(Path(folder)),
            "answers": filtered(),
        }
    target = ROOT / "tests" / "benchmark" / "recorded.json"
    target.write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")
    print(target)


if __name__ == "__main__":
    main()
