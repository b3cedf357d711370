"""A task of lm-evaluation-harness for each exam and form: YAML beside JSON Lines, and a group that runs them all.

Multiple choice is scored by the letter, as the project's own exam is shown; short answers by exact match without case
and punctuation, which is stricter than the project's own grading; long answers by corpus BLEU, 0 to 100. Questions
without an answer have a task of their own: right is who declines, in whatever words, by the same check as in the
project's exam, which the harness runs from a file of Python beside the task. Paths hold when the harness is run inside
the folder.
"""

import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from loresmith.errors import UserError
from loresmith.exchange.delivery import Delivery, Function, write_card, write_lines, write_yaml
from loresmith.exchange.dialogue import Dialogue
from loresmith.models import refusal
from loresmith.models.prompts import LETTERS, REFUSAL
from loresmith.records import UNANSWERABLE

LONG_TOKENS = 192
GRADER = "refusal"
"""Of the file with the check: `refusal.py`."""
_IMPORT = "from loresmith.models.prompts import REFUSAL\n"
_METRIC = '''

def process_results(document, results):
    """The accuracy of one answer, as lm-evaluation-harness asks for it: 1 for a refusal, 0 otherwise."""
    return {"acc": float(is_refusal(results[0]))}
'''


def unfit(dialogue: Dialogue) -> str | None:
    """Why the dialogue is no exam question."""
    if dialogue.has_tools or len(dialogue.turns) != 2:
        return "an exam question has one question and one answer"
    return None


def write(delivery: Delivery, folder: Path) -> None:
    """Leave a YAML and a file of questions for each task, the group's YAML, and a card.

    Raises:
        UserError: the questions have different system prompts, which one task cannot hold.
    """
    systems = {dialogue.system for rows in delivery.splits.values() for dialogue in rows}
    if len(systems) > 1:
        raise UserError(
            f"The rows have {len(systems)} different system prompts; a task holds one.",
            next_step="Convert the rows of one system prompt at a time.",
        )
    system, group = systems.pop(), delivery.name.replace("-", "_")
    tasks, files = [], {}
    for split, rows in delivery.splits.items():
        for form, questions in _by_form(rows).items():
            task = f"{group}_{split}_{form}"
            files[f"{split}_{form}"] = f"{task}.jsonl"
            write_lines(folder / f"{task}.jsonl", [_document(question) for question in questions])
            write_yaml(folder / f"{task}.yaml", _task(task, form, system))
            tasks.append(task)
            if form == GRADER:
                (folder / f"{GRADER}.py").write_text(grader(), encoding="utf-8")
    write_yaml(folder / f"{group}.yaml", {"group": group, "task": tasks})
    columns = {
        "question": "what is asked",
        "answer": "what is right",
        "letters": "what may be answered",
        "label": "index",
    }
    use = (
        "Inside this folder:\n\n```bash\nlm_eval --model hf --model_args pretrained=MODEL --include_path . "
        f"--tasks {group} --apply_chat_template\n```"
    )
    write_card(delivery, folder, {}, columns, use)


def grader() -> str:
    """The project's check for refusals as a file of Python that needs nothing but `re`."""
    source = inspect.getsource(refusal)
    assert _IMPORT in source
    return source.replace(_IMPORT, f"REFUSAL = {REFUSAL!r}\n") + _METRIC


def _by_form(rows: Sequence[Dialogue]) -> dict[str, list[Dialogue]]:
    short = [row for row in rows if not row.options]
    forms = {
        "short": [row for row in short if row.aside.get("kind") != UNANSWERABLE and row.aside.get("form") != "long"],
        "long": [row for row in short if row.aside.get("form") == "long"],
        "choice": [row for row in rows if row.options],
        GRADER: [row for row in short if row.aside.get("kind") == UNANSWERABLE],
    }
    return {form: questions for form, questions in forms.items() if questions}


def _document(dialogue: Dialogue) -> dict[str, Any]:
    question, answer = dialogue.turns
    document: dict[str, Any] = {"id": dialogue.id, "question": question.text, "answer": answer.text}
    if dialogue.options:
        letters = list(LETTERS[: len(dialogue.options)])
        document |= {"letters": letters, "label": letters.index(answer.text)}
    return document | dialogue.aside


def _task(name: str, form: str, system: str) -> dict[str, Any]:
    task: dict[str, Any] = {
        "task": name,
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": f"{name}.jsonl"}},
        "test_split": "test",
        "doc_to_text": "{{question}}",
    }
    if system:
        task["description"] = f"{system}\n\n"
    if form == "choice":
        metric: dict[str, Any] = {"metric": "acc"}
        task |= {"output_type": "multiple_choice", "doc_to_choice": "letters", "doc_to_target": "label"}
    else:
        task |= {
            "output_type": "generate_until",
            "doc_to_target": "{{answer}}",
            "generation_kwargs": {"until": ["\n"], "do_sample": False, "max_gen_toks": 64},
        }
        metric = {"metric": "exact_match", "ignore_case": True, "ignore_punctuation": True}
    if form == "long":
        task["generation_kwargs"] |= {"until": ["\n\n"], "max_gen_toks": LONG_TOKENS}
        metric = {"metric": "bleu", "aggregation": "bleu"}
    if form == GRADER:
        metric = {"metric": "acc"}
        task["process_results"] = Function(f"{GRADER}.process_results")
    return task | {
        "metric_list": [{"aggregation": "mean", "higher_is_better": True} | metric],
        "metadata": {"version": 1.0},
    }
