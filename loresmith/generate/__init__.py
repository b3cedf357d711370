"""Find facts with exact quotes and word several questions about each.

Reads `documents/` and `chunks/`; writes `questions/`: `facts.jsonl` (Fact), `rows.jsonl` (Question), `dropped.jsonl`
(fact or question with its reason) and `sections.json` (chunk to its section, for the split of a single document). A
teacher plug-in proposes, the checks of this stage decide, whoever the teacher is. A teacher that asks a model keeps its
raw answers in `.teacher/` beside the artifact, so that no answer is paid twice. What a person decided in a review is
applied to the rows as they are proposed: `reviewed.jsonl` holds those rows, and what became of them.

Not covered: whether a document tells the truth; paraphrases of a fact in different documents; languages other than
English for the rule teacher, whose questions about such documents are set aside.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from loresmith import artifact
from loresmith.artifact import Artifact, Draft, Plan
from loresmith.progress import Work
from loresmith.records import Chunk, Document, Progress

if TYPE_CHECKING:
    from loresmith.decisions import Decisions
    from loresmith.generate.harvest import Harvest
    from loresmith.generate.reviewed import Reviewed
    from loresmith.plugins import Teacher
    from loresmith.recipe import GenerateConfig

ANSWERS = ".teacher"
"""Folder of raw answers, in the project: a failed run must not take them with it."""
FACTS = "facts.jsonl"
SECTIONS = "sections.json"


def run(plan: Plan, target: Path, files: Mapping[str, Path] | None = None) -> Work[Artifact]:
    """Leave checked facts and questions in `target`; `files` may name the decisions of a review.

    Read are the questions proposed and the facts that fell; kept are questions, dropped are questions and facts.

    Raises:
        NothingKept: no question passed; shows what was looked at.
        UserError: there is no teacher of that name, or a line of the review is no decision.
    """
    from loresmith.decisions import REVIEW, Decisions, read_decisions
    from loresmith.generate.accounts import notes, nothing_kept
    from loresmith.generate.harvest import RESERVE, Harvest, gather, narrow, settle, word
    from loresmith.generate.languages import LanguageCheck
    from loresmith.generate.placing import Corpus
    from loresmith.generate.reviewed import apply
    from loresmith.generate.teachers import hired
    from loresmith.plugins import AskingTeacher
    from loresmith.recipe import GenerateConfig

    config = cast(GenerateConfig, plan.settings)
    teacher = hired(config)
    decisions = read_decisions(files[REVIEW]) if files and REVIEW in files else Decisions()
    documents = {document.id: document for document in plan.parents["ingest"].rows(Document)}
    chunks = {chunk.id: chunk for chunk in plan.parents["chunk"].rows(Chunk)}
    corpus = Corpus(documents.values(), chunks.values())
    harvest = Harvest()
    with artifact.create(target, plan) as draft:
        yield from _prepared(teacher, list(chunks.values()), target.parent / ANSWERS)
        for done, chunk in enumerate(chunks.values(), 1):
            gather(harvest, teacher.facts(chunk), chunk, corpus, config)
            if done % 20 == 0 or done == len(chunks):
                yield Progress(stage="generate", done=done, total=len(chunks), note=f"{len(harvest.facts)} facts")
        narrow(harvest, None if config.max_facts is None else int(config.max_facts * RESERVE), config.seed)
        total = len(harvest.facts)
        for done, _ in enumerate(word(harvest, teacher, chunks, LanguageCheck(config.language)), 1):
            if done % 50 == 0 or done == total:
                yield Progress(stage="generate", done=done, total=total, note=f"{len(harvest.questions)} questions")
        reviewed = apply(harvest, decisions)
        settle(harvest)
        found = yield from _looked_up(harvest, list(chunks.values()), config)
        narrow(harvest, config.max_facts, config.seed)
        for row, reason in harvest.dropped:
            draft.drop(row, reason)
        if not harvest.questions:
            raise nothing_kept(harvest, chunks.values(), teacher, config.teacher)
        lines = (fact.model_dump_json() + "\n" for fact in harvest.facts)
        artifact.write_whole(draft.path / FACTS, "".join(lines))  # beside the rows: `kept` counts questions
        for question in harvest.questions:
            draft.keep(question)
        sections = {chunk.id: " / ".join(chunk.headings[:2]) for chunk in chunks.values()}
        artifact.write_whole(draft.path / SECTIONS, json.dumps(sections, ensure_ascii=False, indent=0) + "\n")
        draft.notes.update(notes(harvest, chunks.values(), documents.values()) | found)
        if files:
            _keep_review(draft, decisions, reviewed, harvest)
        if isinstance(teacher, AskingTeacher):
            draft.notes["teacher"] = teacher.account(harvest.pairs)
        draft.counts["facts"] = len(harvest.facts)
        draft.balance(harvest.read)
    return artifact.read(target, made_by="generate")


def _keep_review(draft: Draft, decisions: "Decisions", reviewed: "Sequence[Reviewed]", harvest: "Harvest") -> None:
    """Leave the rows that somebody decided about, and what became of them, beside the questions."""
    from loresmith.generate.accounts import review_notes
    from loresmith.generate.reviewed import REVIEWED, outcomes

    lines = (row.model_dump_json() + "\n" for row in outcomes(reviewed, harvest))
    artifact.write_whole(draft.path / REVIEWED, "".join(lines))
    draft.volatile.add(REVIEWED)  # to accept a row changes none, and must not make a training stale
    draft.notes["review"] = review_notes(decisions, reviewed)


def _looked_up(harvest: "Harvest", chunks: Sequence[Chunk], config: "GenerateConfig") -> Work[dict[str, Any]]:
    """Search for every question, if that is asked for; the note for the report, empty when it is not."""
    if config.retrievable == "off" or not harvest.questions:
        return {}
    from loresmith.generate.harvest import drop_questions, narrow
    from loresmith.generate.retrievable import NOT_FOUND, marked, table

    if config.retrievable == "mark":  # nothing falls after this, so only what stays is searched
        narrow(harvest, config.max_facts, config.seed)
    harvest.questions = yield from marked(harvest.questions, harvest.facts, chunks)
    note = {"retrievable": table(harvest.questions)}
    if config.retrievable == "drop":
        drop_questions(harvest, {row.id: NOT_FOUND for row in harvest.questions if not row.retrievable})
    return note


def _prepared(teacher: "Teacher", chunks: Sequence[Chunk], folder: Path) -> Work[None]:
    """What a teacher wants to do with all chunks before its first fact."""
    from loresmith.plugins import AskingTeacher, SurveyingTeacher

    if isinstance(teacher, AskingTeacher):
        yield from teacher.prepare(chunks, folder)
    if isinstance(teacher, SurveyingTeacher):
        teacher.survey(chunks)
