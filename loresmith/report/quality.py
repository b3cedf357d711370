"""Beyond right and wrong: what grounded answers rest on, how long ones are worded, how held-out text is predicted."""

from collections.abc import Callable, Mapping

from loresmith.records import Estimate
from loresmith.report.content import Block, Column, Prose, Section, Table
from loresmith.report.exam import Exam
from loresmith.report.material import Material
from loresmith.report.wording import count, percent


def quality(material: Material) -> Section | None:
    """The measures that need no judge; `None` where the exam has none of them."""
    exam = material.exam
    if exam is None:
        return None
    parts = (_grounded(exam), _wordings(exam), _held_text(exam))
    blocks: tuple[Block, ...] = tuple(block for found in parts for block in found)
    if not blocks:
        return None
    lead = "Measured by rule, without a judge. What could not be measured is counted apart and is in no mean."
    return Section(id="quality", title="What the answers rest on", lead=lead, blocks=blocks)


def _grounded(exam: Exam) -> tuple[Block, ...]:
    if not exam.grounded:
        return ()
    names = ("Exam", "Arm", "Statements supported", "Citations right", "Quotes cited", "Answers", "Unscored")
    rows = tuple(
        (
            one.exam,
            one.arm,
            _shown(one.faithful, percent),
            _shown(one.precision, percent),
            _shown(one.recall, percent),
            count(one.n),
            _reasons(one.unscored),
        )
        for one in exam.grounded
    )
    note = (
        "A statement is supported when a quote of the passages before the model holds its numbers and most of its "
        "telling words (faithfulness). A citation is right when it points at the passage that the question was made "
        "from (precision); a quote is cited when some citation points at its passage (recall). Short answers only."
    )
    return (_table("Sources behind the answers", names, rows), Prose(text=note, tone="note"))


def _wordings(exam: Exam) -> tuple[Block, ...]:
    if not exam.wordings:
        return ()
    names = ("Exam", "Arm", "ROUGE-L", "BLEU, mean", "BLEU, all together", "Answers", "Unscored")
    rows = tuple(
        (
            one.exam,
            one.arm,
            _shown(one.rouge_l, _decimal),
            _shown(one.bleu, _decimal),
            _decimal(one.corpus_bleu) if one.corpus_bleu is not None else "–",
            count(one.rouge_l.n if one.rouge_l else 0),
            _reasons(one.unscored),
        )
        for one in exam.wordings
    )
    return (_table("Questions with a reference of ten words or more", names, rows),)


def _held_text(exam: Exam) -> tuple[Block, ...]:
    if not exam.held_text:
        return ()
    names = ("Arm", "Bits per byte", "Perplexity per token", "Against base", "Tokens", "Passages", "Unscored")
    rows = tuple(
        (
            one.arm,
            _shown(one.bits_per_byte, _decimal),
            _shown(one.perplexity, lambda value: f"{value:,.2f}"),
            _shown(one.change, lambda value: f"{value:+.3f}".replace("-", "−")),
            count(one.perplexity.n if one.perplexity else 0),
            count(one.passages),
            _reasons(one.unscored),
        )
        for one in exam.held_text
    )
    note = (
        "The text of passages that training never saw; against base in bits per byte. Lower is better; more with the "
        "adapter than without means that it has unlearned how such text reads."
    )
    return (_table("Text that was not trained on", names, rows), Prose(text=note, tone="note"))


def _table(caption: str, names: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Table:
    words = ("Exam", "Arm", "Unscored")
    return Table(
        caption=caption, columns=tuple(Column(name=name, is_number=name not in words) for name in names), rows=rows
    )


def _shown(found: Estimate | None, write: Callable[[float], str]) -> str:
    return f"{write(found.value)} [{write(found.low)}, {write(found.high)}]" if found else "–"


def _decimal(value: float) -> str:
    return f"{value:.3f}"


def _reasons(unscored: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {reason}" for reason, number in unscored.items()) or "0"
