"""What a project trains on and is examined with, as dialogues.

Training rows are the closed-book ones; the copies with sources that `train.open_book` adds are drawn while training.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from loresmith import artifact
from loresmith.errors import NothingKept
from loresmith.exchange.dialogue import Dialogue, pair
from loresmith.exchange.reading import Collection
from loresmith.models import asked
from loresmith.records import UNANSWERABLE, Chunk, Question

SPLITS = {"training": ("train", "validation"), "exam": ("recall", "transfer", UNANSWERABLE)}


def project_rows(
    project: Path, rows: Literal["training", "exam"], *, bare: bool = False, forms: tuple[str, ...] = ()
) -> Collection:
    """The questions of a project's split.

    Args:
        project: Its folder.
        rows: Which of the two sides of the split.
        bare: The question and the answer alone, without the system prompt and the option letters around them.
        forms: Only questions of these forms; all when empty.

    Raises:
        ArtifactMissing: the project was not split yet.
        NothingKept: there are no such rows.
    """
    split = artifact.read(project / "split", made_by="split")
    chunks = artifact.read(project / "chunks", made_by="chunk")
    passages = {chunk.id: chunk.text for chunk in chunks.rows(Chunk)}
    splits = {}
    for name in SPLITS[rows]:
        questions = [row for row in split.rows(Question, f"{name}.jsonl") if not forms or row.form in forms]
        if questions:
            splits[name] = [_dialogue(question, passages, bare=bare) for question in questions]
    if not splits:
        raise NothingKept(f"{project} has no {rows} rows of the wanted forms.", next_step="Add documents, split again.")
    return Collection(splits, (), (), is_exam=rows == "exam")


def _dialogue(question: Question, passages: Mapping[str, str], *, bare: bool) -> Dialogue:
    if bare:
        system, said = "", pair(question.question, question.answer)
    else:
        opening, user = asked.messages(question)
        system, said = opening["content"], pair(user["content"], asked.expected(question))
    aside = {
        "document": question.source,
        "page": None if question.page is None else str(question.page),
        "fact": question.fact,
        "quote": question.quote,
        "kind": question.kind,
        "form": "long" if question.form == "long" else None,
        **_manner(question),
    }
    chunks = dict.fromkeys((question.chunk, *(evidence.chunk for evidence in question.also)))
    return Dialogue(
        id=question.id,
        system=system,
        turns=said,
        contexts=tuple(passages[chunk] for chunk in chunks if chunk in passages),
        options=() if bare else question.options,
        aside={name: value for name, value in aside.items() if value is not None},
    )


def _manner(question: Question) -> dict[str, str | None]:
    """How the question was to be worded, in the columns and values of ragas."""
    manner = question.manner
    if manner is None:
        return {}
    return {
        "persona_name": manner.persona,
        "query_style": manner.style and manner.style.upper().replace("-", "_"),
        "query_length": manner.length and manner.length.upper(),
    }
