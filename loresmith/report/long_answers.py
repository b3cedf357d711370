"""Long answers: how much of the references they say, with words on what that is and is not."""

from collections.abc import Sequence

from loresmith.records import Estimate
from loresmith.report.content import Block, Column, Examples, Prose, Section, Table
from loresmith.report.exam import Exam, LongPair, LongScores
from loresmith.report.examples import answers_of, example, in_turn
from loresmith.report.judged import judged
from loresmith.report.material import Material
from loresmith.report.wording import count, p_value, plural

MEASURES = {"rouge_l": "ROUGE-L", "bleu": "BLEU", "token_f1": "Token F1"}
MOST_SHOWN = 4
"""Examples; a paragraph takes its room."""
FOLDED_ABOVE = 24
IS = (
    "Each figure is a mean over answers, from 0 (no word in common with the reference) to 1 (its very words), with its "
    "95% interval over source documents. ROUGE-L goes by the longest sequence of stemmed words that both have in "
    "common, in order (rouge-score), BLEU by common runs of one to four words (sacrebleu), token F1 by common words."
)
IS_NOT = (
    "It is no share of right answers: an answer that is right in other words scores low, and one that says the "
    "opposite in many of the same words scores high. Read it as a comparison of arms on the same questions, and read "
    "the answers themselves."
)


def long_answers(material: Material) -> Section | None:
    """The scores of every arm, the differences, and some answers beside their references; `None` where none is long."""
    exam = material.exam
    if exam is None or not exam.long:
        return None
    blocks: list[Block] = [scores(exam), Prose(text=IS), Prose(text=IS_NOT, tone="warning")]
    if cut := [f"{one.arm} {one.cut_off} of {one.n} ({one.exam})" for one in exam.long if one.cut_off]:
        limit = material.recipe.evaluate.long_max_new_tokens
        text = f"Cut off at {limit} tokens (`evaluate.long_max_new_tokens`) and scored as far as they go: "
        blocks.append(Prose(text=f"{text}{', '.join(cut)}.", tone="warning"))
    blocks += judged(exam)
    if exam.long_pairs:
        blocks.append(_pairs(exam))
    if (shown := _examples(material, exam)) is not None:
        blocks.append(shown)
    return Section(id="long-answers", title="Long answers", lead=standing(exam), blocks=tuple(blocks))


def standing(exam: Exam) -> str:
    """What part the long answers have in the verdict."""
    asked = sum({one.exam: one.n for one in exam.long}.values())
    told = f"{plural(asked, 'question asks', 'questions ask')} for a sentence or a paragraph. How much of the reference"
    if exam.judge is not None and exam.judge.is_trusted:
        return (
            f"{told} an answer says is measured, and decides nothing; whether it is right, a judge says that was found "
            "to be trusted, and its grades take part in the verdict and in gates."
        )
    return (
        f"{told} an answer says is measured; whether it is right is not, and so these answers take no part in the "
        "verdict or in any gate."
    )


def scores(exam: Exam) -> Table:
    """One row for each exam and arm."""
    names = ("Exam", "Arm", "ROUGE-L", "BLEU, mean", "BLEU, all together", "Token F1", "n", "Words", "Cut off", "Other")
    rows = tuple(_row(one) for one in exam.long)
    reference = ", ".join(f"{exam_}: {words:g}" for exam_, words in _references(exam.long))
    caption = f"Likeness of long answers to their references (words of a reference, {reference})"
    words = ("Exam", "Arm", "Other")
    columns = tuple(Column(name=name, is_number=name not in words) for name in names)
    return Table(caption=caption, columns=columns, rows=rows, folded=len(rows) > FOLDED_ABOVE)


def told(pair: LongPair) -> str:
    """One comparison in a sentence: `Recall, lora − base, ROUGE-L: +0.120 [+0.050, +0.190], n = 40.`."""
    name = pair.name.replace(" - ", " − ")
    found = pair.difference
    return f"{pair.exam.capitalize()}, {name}, {MEASURES[pair.measure]}: {signed(found)}, n = {count(found.n)}."


def signed(found: Estimate) -> str:
    """A difference of means with its interval: `+0.120 [+0.050, +0.190]`."""
    value, low, high = (f"{one:+.3f}".replace("-", "−") for one in (found.value, found.low, found.high))
    return f"{value} [{low}, {high}]"


def _references(long: Sequence[LongScores]) -> list[tuple[str, float]]:
    return list({one.exam: one.reference_words for one in long}.items())


def _row(one: LongScores) -> tuple[str, ...]:
    others = {**one.unread, **one.unscored}
    return (
        one.exam,
        one.arm,
        _shown(one.rouge_l),
        _shown(one.bleu),
        f"{one.corpus_bleu:.3f}" if one.corpus_bleu is not None else "–",
        _shown(one.token_f1),
        count(one.n),
        f"{one.words:g}",
        count(one.cut_off),
        ", ".join(f"{number} {reason}" for reason, number in others.items()) or "0",
    )


def _shown(found: Estimate | None) -> str:
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]" if found else "–"


def _pairs(exam: Exam) -> Table:
    columns = (
        Column(name="Exam"),
        Column(name="Comparison"),
        Column(name="Measure"),
        Column(name="Difference", is_number=True),
        Column(name="p (Holm)", is_number=True),
        Column(name="n", is_number=True),
    )
    rows = tuple(
        (
            pair.exam,
            pair.name.replace(" - ", " − "),
            MEASURES[pair.measure],
            signed(pair.difference),
            p_value(pair.p_holm),
            count(pair.difference.n),
        )
        for pair in exam.long_pairs
    )
    caption = (
        "Differences on the same long questions; p is read off the interval, adjusted for the comparisons beside it"
    )
    return Table(caption=caption, columns=columns, rows=rows, folded=len(rows) > FOLDED_ABOVE)


def _examples(material: Material, exam: Exam) -> Examples | None:
    """Long answers of the first arm and the last, one document after the other, with those of all others."""
    found = answers_of(material)
    arms = [arm for arm in exam.arms() if any(one.arm == arm for one in exam.long)]
    first, last = arms[0], arms[-1]
    pairs = [
        (given[first], given[last])
        for (_, question), given in found.items()
        if first in given and last in given and given[first].form == "long" and question in material.questions
    ]
    taken = in_turn(pairs, min(MOST_SHOWN, material.recipe.report.examples))
    items = tuple(example(material.questions[new.question], old, new, found) for old, new in taken)
    return Examples(caption="Long answers beside their references", items=items) if items else None
