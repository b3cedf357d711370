"""Questions won and lost against the base model, each with its source."""

from collections.abc import Iterable, Sequence

from loresmith.records import Grade, Question
from loresmith.report.content import Block, Example, Examples, Prose, Said, Section
from loresmith.report.exam import WAYS
from loresmith.report.material import Material
from loresmith.report.wording import plural

LONGEST = 400
"""Characters of a quote or an answer that are shown."""


def examples(material: Material) -> Section | None:
    """What the adapter won and lost; and the chosen arm as well, where that is another one."""
    exam = material.exam
    if exam is None or not material.recipe.report.examples:
        return None
    shown = [arm for arm in dict.fromkeys(("lora", exam.verdict.decision)) if arm in exam.arms() and arm != "base"]
    blocks: list[Block] = []
    for arm in shown or [arm for arm in exam.arms() if arm != "base"][:1]:
        blocks += _blocks(material, arm)
    if not blocks:
        return None
    lead = "Taken in turn from the documents, in the order of the exam; not the best ones and not the worst."
    return Section(id="examples", title="Won and lost", lead=lead, blocks=tuple(blocks))


def _blocks(material: Material, arm: str) -> list[Block]:
    before = {(grade.exam, grade.question): grade for grade in material.grades if grade.arm == "base"}
    after = {(grade.exam, grade.question): grade for grade in material.grades if grade.arm == arm}
    both = [(before[key], after[key]) for key in after if key in before and key[1] in material.questions]
    made: list[Block] = []
    for word, pairs in (
        ("Won", [(old, new) for old, new in both if new.correct and not old.correct]),
        ("Lost", [(old, new) for old, new in both if old.correct and not new.correct]),
    ):
        caption = f"{word} {WAYS[arm]}: {plural(len(pairs), 'question')}"
        taken = in_turn(pairs, material.recipe.report.examples)
        if taken:
            items = tuple(_example(material.questions[new.question], old, new) for old, new in taken)
            made.append(Examples(caption=caption, items=items))
        elif both:
            made.append(Prose(text=f"{caption}."))
    return made


def in_turn(pairs: Sequence[tuple[Grade, Grade]], most: int) -> list[tuple[Grade, Grade]]:
    """At most `most` pairs, one document after the other."""
    by_document: dict[str, list[tuple[Grade, Grade]]] = {}
    for pair in pairs:
        by_document.setdefault(pair[1].document, []).append(pair)
    longest = max((len(group) for group in by_document.values()), default=0)
    ordered = (group[turn] for turn in range(longest) for group in by_document.values() if turn < len(group))
    return [pair for pair, _ in zip(ordered, range(most), strict=False)]


def _example(question: Question, *grades: Grade) -> Example:
    return Example(
        question=question.question,
        options=question.options,
        answer=question.answer,
        said=tuple(_said(grades)),
        source=question.source,
        page=question.page,
        quote=short(question.quote),
        exam=grades[0].exam,
    )


def _said(grades: Iterable[Grade]) -> Iterable[Said]:
    for grade in grades:
        yield Said(arm=grade.arm, given=short(grade.given), correct=grade.correct, unparsed=grade.unparsed)


def short(text: str) -> str:
    """`text` on one line, cut with an ellipsis where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1].rstrip()}…"
