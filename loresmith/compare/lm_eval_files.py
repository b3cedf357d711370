"""Results of lm-evaluation-harness: `results_*.json`, and beside it `samples_TASK_*.jsonl` of the same moment.

Written by `lm_eval ... --output_path FOLDER --log_samples`; shapes as of version 0.4.13. A question is known by the
hash of its document, so a limit or another order does not matter. Every measure of every filter is a sheet of its own.
Without samples a task's figure and its number of questions are all there is.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from loresmith import statistics
from loresmith.compare.files import json_lines, parsed
from loresmith.compare.marks import Mark, Results, Sheet
from loresmith.errors import UserError
from loresmith.records import Estimate

TOOL = "lm-evaluation-harness"
RESULTS_NAME = re.compile(r"(?P<stem>.*)_(?P<moment>\d{4}-\d\d-\d\dT[\d-]+(\.\d+)?)\.json")
TASK_SETTINGS = (
    "description",
    "doc_to_choice",
    "doc_to_target",
    "doc_to_text",
    "fewshot_delimiter",
    "filter_list",
    "generation_kwargs",
    "gen_prefix",
    "output_type",
    "repeats",
    "target_delimiter",
)
RUN_SETTINGS = ("fewshot_as_multiturn", "lm_eval_version", "max_length", "system_instruction_sha")


def results_files(place: Path) -> list[Path]:
    """The result files at `place`, oldest first; none where it holds no such file."""
    found = [place] if place.is_file() else sorted(place.rglob("*.json"))
    named = [(match["moment"], path) for path in found if (match := RESULTS_NAME.fullmatch(path.name))]
    return [path for _, path in sorted(named)]


def read_lm_eval(place: Path, files: list[Path]) -> Results:
    """All tasks in `files`; where a task is in several, the newest counts.

    Raises:
        UserError: a file is damaged, or holds no task.
    """
    sheets: dict[str, tuple[Sheet, ...]] = {}
    passed_over = 0
    models: list[str] = []
    for path in files:
        run = parsed(path)
        if not isinstance(run, Mapping) or not isinstance(run.get("results"), Mapping):
            raise UserError(
                f"{path} has no `results` of lm-evaluation-harness.",
                next_step="Give its --output_path folder, or a results_*.json in it.",
            )
        models.append(str(run.get("model_name") or run.get("model_source") or path.parent.name))
        for task, scores in run["results"].items():
            if task in run.get("group_subtasks", {}) and run["group_subtasks"][task]:
                continue  # a group's figure is made of its tasks, which are read themselves
            passed_over += task in sheets
            sheets[task] = tuple(_sheets(path, run, task, scores))
    made = tuple(sheet for of_task in sheets.values() for sheet in of_task)
    if not made:
        raise UserError(f"{place} holds no scored task.", next_step="Give the folder of a finished run.")
    if len(set(models)) > 1:
        raise UserError(
            f"{place} holds results of several models: {', '.join(sorted(set(models)))}.",
            next_step="Name the folder of one of them.",
        )
    notes = (f"{passed_over} older results of tasks that were run again",) if passed_over else ()
    return Results(place, models[0], TOOL, made, notes)


def _sheets(path: Path, run: Mapping[str, Any], task: str, scores: Mapping[str, Any]) -> Iterator[Sheet]:
    moment = RESULTS_NAME.fullmatch(path.name)
    samples = path.with_name(f"samples_{task}_{moment['moment']}.jsonl") if moment else path
    rows = list(json_lines(samples)) if moment and samples.is_file() else []
    settings = _settings(run, task)
    higher = run.get("higher_is_better", {}).get(task, {})
    for key, value in scores.items():
        measure, _, name = key.partition(",")
        if not name or measure.endswith("_stderr") or not isinstance(value, int | float):
            continue
        own = [row for row in rows if row.get("filter", "none") == name and _is_number(row.get(measure))]
        marks = tuple(_marks(own, measure))
        yield Sheet(
            name=task,
            measure=measure if name == "none" else f"{measure}, {name}",
            marks=marks,
            settings=settings,
            total=None if marks else _total(value, run.get("n-samples", {}).get(task, {})),
            lower_is_better=higher.get(measure) is False,
        )


def _marks(rows: list[Mapping[str, Any]], measure: str) -> Iterator[Mark]:
    seen: Counter[str] = Counter()
    for row in rows:
        name = str(row.get("doc_hash") or row.get("doc_id"))
        seen[name] += 1  # a benchmark may hold the same question twice
        document = row.get("doc")
        subject = document.get("subject") if isinstance(document, Mapping) else None
        yield Mark(
            question=name if seen[name] == 1 else f"{name} {seen[name]}",
            score=float(row[measure]),
            tags={"subject": subject} if isinstance(subject, str) and subject else {},
            prompt=str(row.get("prompt_hash", "")),
        )


def _settings(run: Mapping[str, Any], task: str) -> dict[str, str]:
    config = run.get("configs", {}).get(task, {})
    kept = {name: _shown(config[name]) for name in TASK_SETTINGS if name in config}
    kept |= {name: _shown(run[name]) for name in RUN_SETTINGS if name in run}
    kept["num_fewshot"] = _shown(run.get("n-shot", {}).get(task, config.get("num_fewshot")))
    kept["version"] = _shown(run.get("versions", {}).get(task))
    kept["chat template"] = "applied" if run.get("chat_template") else "not applied"
    return kept


def _total(value: float, counted: Mapping[str, Any]) -> Estimate | None:
    """The figure of a task without samples: a share with its interval, or nothing where it is none."""
    n = counted.get("effective")
    if not isinstance(n, int) or n < 1 or not 0 <= value <= 1:
        return None
    return statistics.wilson(round(value * n), n)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
