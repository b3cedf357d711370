"""lm-evaluation-harness on local files: its own task definitions, its own evaluator, nothing of ours.

The questions are written in the shape of the Hub's datasets, which its tasks expect, and each task includes the YAML
that comes with the installed harness.
"""

import csv
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

Rows = list[dict[str, Any]]


def arc(path: Path) -> Rows:
    """ARC's official JSON Lines as the Hub's rows."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        choices = row["question"]["choices"]
        listed = {"text": [choice["text"] for choice in choices], "label": [choice["label"] for choice in choices]}
        rows.append({"question": row["question"]["stem"], "choices": listed, "answerKey": row["answerKey"]})
    return rows


def mmlu(path: Path) -> Rows:
    """One of MMLU's tables without header as the Hub's rows."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            {"question": cells[0], "choices": cells[1:5], "answer": "ABCD".index(cells[5])}
            for cells in csv.reader(lines)
        ]


def gsm8k(path: Path) -> Rows:
    """GSM8K's JSON Lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def task(folder: Path, included: str, splits: dict[str, Rows], **changed: Any) -> str:
    """Write the task that `included` (below the harness's own tasks) defines, on local rows; returns its name."""
    import lm_eval

    name = "local_" + re.sub(r"\W+", "_", Path(included).stem).strip("_")
    files = {}
    for split, rows in splits.items():
        files[split] = str(folder / f"{name}_{split}.jsonl")
        Path(files[split]).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    content = {
        "include": str(Path(lm_eval.__file__).parent / "tasks" / included),
        "task": name,
        "dataset_path": "json",
        "dataset_name": None,
        "dataset_kwargs": {"data_files": files},
        **changed,
    }
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return name


def evaluate(model: Any, folder: Path, names: Sequence[str], *, chat: bool = False) -> dict[str, Any]:
    """The harness's results with the log of each question."""
    from lm_eval import simple_evaluate
    from lm_eval.tasks import TaskManager

    manager = TaskManager(include_path=str(folder), include_defaults=False)
    found: dict[str, Any] = simple_evaluate(
        model=model, tasks=list(names), task_manager=manager, bootstrap_iters=0, log_samples=True,
        apply_chat_template=chat, fewshot_as_multiturn=chat,
    )  # fmt: skip
    return found


def opened(folder: Path, *, batch_size: int = 1, dtype: str = "float32") -> Any:
    """The harness's own model over transformers, on the CPU."""
    from lm_eval.models.huggingface import HFLM

    return HFLM(pretrained=str(folder), batch_size=batch_size, dtype=dtype, device="cpu")


def likelihoods(samples: Iterable[dict[str, Any]]) -> list[list[float]]:
    """The log-probability of each option of each question, in the order of the file."""
    return [[float(answers[0][0]) for answers in sample["resps"]] for sample in _in_order(samples)]


def texts(samples: Iterable[dict[str, Any]]) -> list[str]:
    """What was written for each question, in the order of the file."""
    return [str(sample["resps"][0][0]) for sample in _in_order(samples)]


def _in_order(samples: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each question once; the harness logs it for every filter."""
    once = {sample["doc_id"]: sample for sample in samples}
    return [once[number] for number in sorted(once)]
