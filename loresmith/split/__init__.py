"""Decide what is trained on and what is examined, by fact and never by row.

Reads `questions/`; writes `split/`: `train.jsonl`, `validation.jsonl`, `recall.jsonl`, `transfer.jsonl` (all Question)
and `dropped.jsonl`. The recall exam asks trained facts in wordings that were held back; the transfer exam asks facts of
documents (sections, where there is one document) that training never sees. What leaks is moved out of the exam, with
its reason; a leak that remains stops the run.

Not covered: leaks between training and public benchmarks, which are no part of the corpus; leaks in other words.
"""

from pathlib import Path
from typing import cast

from loresmith import artifact
from loresmith.artifact import Artifact, Plan
from loresmith.progress import Work
from loresmith.records import Fact, Progress, Question

FACTS = "facts.jsonl"
SECTIONS = "sections.json"
FEWEST = 10
"""Questions below which an exam says nothing: its interval would span more than half of the scale."""


def run(plan: Plan, target: Path) -> Work[Artifact]:
    """Leave training rows and exams in `target`.

    Raises:
        UserError: the corpus is too small for an exam.
        LeakFound: an exam question is still known to the training set; names the pair.
    """
    from loresmith.recipe import SplitConfig
    from loresmith.split.leaks import check
    from loresmith.split.places import held_out_facts, sections_of, torn_facts
    from loresmith.split.sets import divided, too_small

    config = cast(SplitConfig, plan.settings)
    generated = plan.parents["generate"]
    facts = list(generated.rows(Fact, FACTS))
    questions = list(generated.rows(Question))
    with artifact.create(target, plan) as draft:
        yield Progress(stage="split", done=0, total=3, note=f"{len(facts)} facts")
        sections = sections_of(generated / SECTIONS)
        held_out, torn = held_out_facts(facts, sections, config), torn_facts(facts, sections, config)
        sets = divided(facts, questions, held_out, config, torn=torn)
        yield Progress(stage="split", done=1, total=3, note=f"{len(sets.train)} training rows")
        if max(len(sets.recall), len(sets.transfer)) < FEWEST or not sets.train:
            raise too_small(facts, questions, sets, FEWEST)
        check(sets.train + sets.validation, sets.recall + sets.transfer, config)
        yield Progress(stage="split", done=2, total=3, note="no leak")
        for name, rows in sets.files().items():
            (draft.path / name).touch()  # an empty set has its file as well
            for row in rows:
                draft.keep(row, name)
        for row, reason in sets.dropped:
            draft.drop(row, reason)
        draft.notes.update(sets.notes())
        draft.balance(len(questions))
        yield Progress(stage="split", done=3, total=3, note="")
    return artifact.read(target, made_by="split")
