"""The judge of long answers: what it says of each arm, and whether it is to be believed."""

from loresmith.records import Estimate
from loresmith.report.content import Block, Column, Prose, Table
from loresmith.report.exam import Agreement, Exam
from loresmith.report.wording import count, interval, percent

HOW = (
    "The judge sees the question, the passage that it rests on, the reference and one answer, never who gave it. To "
    "measure it, answers whose grade is known are put to it as well: short ones and choices as text, half of them "
    "right as far as there are. Cohen's kappa is the agreement beyond chance; what the judge calls partly right counts "
    "as wrong. Exact grading takes no other words, so that a good judge stays below 1."
)


def judged(exam: Exam) -> tuple[Block, ...]:
    """What the judge is worth, then what it says; nothing where none was asked."""
    judge = exam.judge
    if judge is None:
        return ()
    blocks: list[Block] = [Prose(text=judge.words, tone="plain" if judge.is_trusted else "warning")]
    if judge.agreement is not None:
        blocks.append(_agreement(judge.agreement))
    blocks += [_verdicts(exam, is_trusted=judge.is_trusted), Prose(text=HOW, tone="note")]
    return tuple(blocks)


def _agreement(found: Agreement) -> Table:
    names = ("Answers", "Alike", "95% interval", "Kappa", "Both right", "Judge alone", "Exact alone", "Both wrong")
    row = (
        count(found.n),
        percent(found.raw.value),
        interval(found.raw),
        _kappa(found.kappa),
        *(count(number) for number in (found.both_right, found.only_judge, found.only_exact, found.both_wrong)),
        _reasons(found.unjudged),
    )
    columns = (*(Column(name=name, is_number=True) for name in names), Column(name="Unusable replies"))
    return Table(caption="The judge beside the exact grading, on the same answers", columns=columns, rows=(row,))


def _verdicts(exam: Exam, *, is_trusted: bool) -> Table:
    assert exam.judge is not None
    rows = tuple(
        (
            one.exam,
            one.arm,
            *(count(number) for number in (one.right, one.partly, one.wrong)),
            f"{percent(one.share.value)} {interval(one.share)}" if one.share else "–",
            count(one.share.n if one.share else 0),
            _reasons(one.unjudged),
        )
        for one in (*exam.judge.arms, *exam.judged)
    )
    names = ("Right", "Partly", "Wrong", "Share right", "n")
    columns = (
        Column(name="Exam"),
        Column(name="Arm"),
        *(Column(name=name, is_number=True) for name in names),
        Column(name="Unusable replies"),
    )
    worth = "its verdicts count" if is_trusted else "not to be trusted, and in no verdict"
    return Table(caption=f"Long answers by the judge ({worth})", columns=columns, rows=rows)


def _kappa(found: Estimate | None) -> str:
    return f"{found.value:.2f} [{found.low:.2f}, {found.high:.2f}]".replace("-", "−") if found else "–"


def _reasons(unjudged: dict[str, int]) -> str:
    return ", ".join(f"{number} {reason}" for reason, number in unjudged.items()) or "0"
