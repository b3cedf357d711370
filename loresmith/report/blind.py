"""What people preferred who did not know whose answer was whose. A contest that goes on shows no figure."""

from loresmith.blind.contest import PAIRS
from loresmith.blind.session import Session
from loresmith.blind.tally import Outcome, counted
from loresmith.blind.words import headline, lines
from loresmith.report.content import Block, Column, Points, Prose, Section, Table
from loresmith.report.material import Material
from loresmith.report.wording import count, interval, p_value, percent


def blind(material: Material) -> Section | None:
    """Every contest of the project that somebody voted in."""
    sessions = [Session(path.parent) for path in material.judged.values() if path.name == PAIRS]
    begun = [session for session in sessions if session.left_over()]
    if not begun:
        return None
    over = [counted(session.contest, session.votes()) for session in begun if session.is_over]
    blocks: list[Block] = [_table(over)] if over else []
    blocks += [Points(items=(headline(found), *lines(found))) for found in over]
    blocks += [
        Prose(text=f"{_between(session)} goes on; its figures wait until everybody who began has judged every pair.")
        for session in begun
        if not session.is_over
    ]
    lead = (
        "People judged two answers to the same exam question side by side. Which answer stood left was drawn for each "
        "question and rater, and whose it was stayed hidden until the end. Questions that both answered in the same "
        "words were not shown."
    )
    return Section(id="blind", title="Judged by people", lead=lead, blocks=tuple(blocks))


def _table(over: list[Outcome]) -> Table:
    columns = (
        Column(name="Comparison"),
        Column(name="Questions", is_number=True),
        Column(name="Raters", is_number=True),
        Column(name="Win rate of the first", is_number=True),
        Column(name="95% interval", is_number=True),
        Column(name="p (sign test)", is_number=True),
    )
    rows = tuple(
        (
            f"{found.b} against {found.a}",
            count(found.judged),
            count(len(found.raters)),
            percent(found.win_rate.value),
            interval(found.win_rate),
            p_value(found.p),
        )
        for found in over
    )
    return Table(caption="Win rates, ties and two bad answers counting half", columns=columns, rows=rows)


def _between(session: Session) -> str:
    return f"The comparison of {session.contest.a} and {session.contest.b}"
