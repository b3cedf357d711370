"""Questions won and lost, each with its source and what every arm answered."""

from collections.abc import Iterable, Sequence

from loresmith.records import Grade, Question
from loresmith.report.content import Block, Example, Examples, Prose, Said, Section
from loresmith.report.exam import ARMS, IN_MEMORY, OWN_WAY, WAYS
from loresmith.report.material import Material
from loresmith.report.wording import plural

LONGEST = 400
"""Characters of a quote or an answer that are shown."""
Answers = dict[tuple[str, str], dict[str, Grade]]
"""Grades by (exam, question), then arm."""
BY = {
    "gguf": "by the exported file",
    "gguf+rag": "by the exported file with sources",
    "endpoint": "by the model on the server",
    "endpoint+rag": "by the model on the server with sources",
}


def examples(material: Material) -> Section | None:
    """What the adapter won and lost, the chosen arm where that is another one, and each arm that sat afterwards."""
    exam = material.exam
    if exam is None or not material.recipe.report.examples:
        return None
    answers = answers_of(material)
    shown = [arm for arm in dict.fromkeys(("lora", exam.verdict.decision)) if arm in exam.arms() and arm != "base"]
    blocks: list[Block] = []
    for arm in shown or [arm for arm in exam.arms() if arm in IN_MEMORY and arm != "base"][:1]:
        blocks += _blocks(material, answers, "base", arm)
    for arm, twin in OWN_WAY.items():
        if arm in exam.arms() and twin in exam.arms():
            blocks += _blocks(material, answers, twin, arm)
    if not blocks:
        return None
    lead = "Taken in turn from the documents, in the order of the exam; not the best ones and not the worst."
    return Section(id="examples", title="Won and lost", lead=lead, blocks=tuple(blocks))


def _blocks(material: Material, answers: Answers, than: str, arm: str) -> list[Block]:
    """Questions that `arm` won and lost against `than`."""
    pairs = [
        (given[than], given[arm])
        for (_, question), given in answers.items()
        if than in given and arm in given and question in material.questions
    ]
    who = f"{BY.get(arm) or WAYS[arm]}{'' if than == 'base' else f' against {than}'}"
    if arm in OWN_WAY and all(old.correct == new.correct for old, new in pairs):
        return [Prose(text=f"Won or lost {who}: 0 questions.")] if pairs else []
    made: list[Block] = []
    for word, chosen in (
        ("Won", [(old, new) for old, new in pairs if new.correct and old.correct is False]),
        ("Lost", [(old, new) for old, new in pairs if old.correct and new.correct is False]),
    ):
        caption = f"{word} {who}: {plural(len(chosen), 'question')}"
        taken = in_turn(chosen, material.recipe.report.examples)
        if taken:
            items = tuple(example(material.questions[new.question], old, new, answers) for old, new in taken)
            made.append(Examples(caption=caption, items=items))
        elif pairs:
            made.append(Prose(text=f"{caption}."))
    return made


def answers_of(material: Material) -> Answers:
    """Every answer by (exam, question), then arm."""
    found: Answers = {}
    for grade in material.all_grades:
        found.setdefault((grade.exam, grade.question), {})[grade.arm] = grade
    return found


def in_turn(pairs: Sequence[tuple[Grade, Grade]], most: int) -> list[tuple[Grade, Grade]]:
    """At most `most` pairs, one document after the other."""
    by_document: dict[str, list[tuple[Grade, Grade]]] = {}
    for pair in pairs:
        by_document.setdefault(pair[1].document, []).append(pair)
    longest = max((len(group) for group in by_document.values()), default=0)
    ordered = (group[turn] for turn in range(longest) for group in by_document.values() if turn < len(group))
    return [pair for pair, _ in zip(ordered, range(most), strict=False)]


def example(question: Question, old: Grade, new: Grade, answers: Answers) -> Example:
    """`question` with the answers `old` and `new`, and those of all other arms."""
    given = answers[new.exam, new.question]
    return Example(
        question=question.question,
        options=question.options,
        answer=question.answer,
        said=tuple(_said((old, new) if old.arm != new.arm else (new,))),
        others=tuple(_said(given[arm] for arm in ARMS if arm in given and arm not in (old.arm, new.arm))),
        source=question.source,
        page=question.page,
        quote=short(question.quote),
        exam=new.exam,
    )


def _said(grades: Iterable[Grade]) -> Iterable[Said]:
    for grade in grades:
        yield Said(arm=grade.arm, given=short(grade.given), correct=grade.correct, unparsed=grade.unparsed)


def short(text: str) -> str:
    """`text` on one line, cut with an ellipsis where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1].rstrip()}…"
