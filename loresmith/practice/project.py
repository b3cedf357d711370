"""The rows of a project that practice is made from, and the file that `train.mix` takes."""

import json
from pathlib import Path

from loresmith import artifact
from loresmith.artifact import machine_error, write_whole
from loresmith.errors import UserError
from loresmith.generate import FACTS
from loresmith.practice.rows import Practice, Trained, conversation
from loresmith.recipe import Recipe
from loresmith.records import UNANSWERABLE, Chunk, Fact, Question

EXAMS = ("recall", "transfer", UNANSWERABLE, "validation")
"""Sets that no row beside the project's own may stand in, as training has it."""


def trained_in(project: Path, recipe: Recipe) -> tuple[Trained, dict[str, Path]]:
    """What the project trains on and examines, and the files of its exams.

    Raises:
        ArtifactMissing: a stage is not there.
        UserError: the questions were made anew since they were split.
    """
    split = artifact.read(project / "split", made_by=f"split {project}")
    made = artifact.read(project / "questions", made_by=f"generate {project}")
    if split.manifest.parents.get("generate") != made.manifest.content:
        raise UserError(
            f"The questions in {project} were made anew since they were split and examined.",
            next_step=f"Run `loresmith run {project}`, then look at its failures again.",
        )
    chunks = artifact.read(project / "chunks", made_by=f"chunk {project}")
    trained = Trained(
        train=list(split.rows(Question, "train.jsonl")),
        exams={name: list(split.rows(Question, f"{name}.jsonl")) for name in EXAMS},
        facts={fact.id: fact for fact in made.rows(Fact, FACTS)},
        chunks=list(chunks.rows(Chunk)),
        generate=recipe.generate,
        split=recipe.split,
    )
    return trained, {f"{name}.jsonl": split / f"{name}.jsonl" for name in EXAMS}


def write_practice(path: Path, made: Practice) -> None:
    """Leave the rows of `made` in the file `path` as conversations in the format `messages`.

    Raises:
        UserError: there is no row, or no such folder.
        MachineError: the file cannot be written.
    """
    if not made.rows:
        refused = [*made.refused.most_common(), *made.refused_rows.most_common()]
        why = "; ".join(f"{number}: {reason}" for reason, number in refused)
        raise UserError(
            f"There is nothing to practise{f' ({why})' if why else ''}.",
            next_step="Add documents, or raise `generate.wordings`, and run the journey again.",
        )
    if not path.parent.is_dir():
        raise UserError(f"There is no folder {path.parent}.", next_step="Make it, or name another file.")
    try:
        write_whole(path, "".join(map(_line, made.rows)))
    except OSError as fault:
        raise machine_error(fault, path) from fault


def _line(row: Question) -> str:
    dialogue = conversation(row)
    said = [{"role": "system", "content": dialogue.system}]
    said += [{"role": turn.role, "content": turn.text} for turn in dialogue.turns]
    return json.dumps({"id": row.id, "messages": said}, ensure_ascii=False) + "\n"
