import pytest

from loresmith.failures import cases as said
from loresmith.failures.cases import Held, Looked, cases, reason_of, sections_of
from loresmith.records import UNANSWERABLE, Chunk
from tests.failures.asked import grade, logs, question

SHORT, CHOICE = question(1), question(2, form="choice", options=("4 bar", "5 bar"))
MISSED = Looked(question="q1", gold_rank=None, has_quote=False)
PART = Looked(question="q1", gold_rank=2, has_quote=False)
FOUND = Looked(question="q1", gold_rank=1, has_quote=True)
ELSEWHERE = Looked(question="q1", gold_rank=None, has_quote=True)
HELD_UP, BARE = (Held(question="q1", arm="rag", supported=number, unscored=None) for number in (1, 0))


@pytest.mark.parametrize(
    ("fields", "looked", "held", "reason"),
    [
        ({}, None, None, said.WRONG),
        ({"token_f1": 0.5}, None, None, said.PARTLY),
        ({"given": "The sources do not say."}, None, None, said.DECLINES),
        ({"unparsed": "declined to answer", "given": "No idea of it."}, None, None, said.DECLINES),
        ({"unparsed": "several answers at once"}, None, None, said.UNREAD + "several answers at once"),
        ({"unparsed": "ran past the token limit"}, MISSED, None, said.RAN_ON),
        ({}, MISSED, BARE, said.MISSED),
        ({"given": "The sources do not say."}, MISSED, None, said.MISSED),
        ({}, PART, BARE, said.NOT_WHOLE),
        ({"given": "The sources do not say."}, FOUND, None, said.HAD_DECLINED),
        ({}, FOUND, HELD_UP, said.MISREAD),
        ({}, ELSEWHERE, HELD_UP, said.MISREAD),
        ({}, FOUND, BARE, said.MADE_UP),
        ({"exam": UNANSWERABLE}, MISSED, None, said.ANSWERED),
        ({"exam": UNANSWERABLE, "unparsed": "empty answer"}, None, None, said.UNREAD + "empty answer"),
    ],
)
def test_the_first_link_that_broke_is_the_reason(
    fields: dict[str, object], looked: Looked | None, held: Held | None, reason: str
) -> None:
    assert reason_of(grade(SHORT, **fields), looked, held) == reason  # type: ignore[arg-type]


def test_a_wrong_option_is_no_refusal_whatever_it_says() -> None:
    chosen = grade(CHOICE, given="The sources do not say.")
    assert reason_of(chosen, None, None) == said.CHOSE
    assert reason_of(chosen, FOUND, None) == said.HAD_CHOSEN


def test_what_was_looked_up_counts_only_for_arms_with_sources() -> None:
    held = logs(
        [SHORT],
        [grade(SHORT, arm="lora"), grade(SHORT, arm="lora+rag"), grade(SHORT, arm="rag", correct=True)],
        looked={"q1": MISSED},
        sections={"c": "Valves / Relief"},
    )
    assert [one.reason for arm in ("lora", "lora+rag", "rag") for one in cases(held, arm)] == [
        said.WRONG, said.MISSED, None
    ]  # fmt: skip
    assert cases(held, "lora")[0].section == "Valves / Relief"


def test_a_section_is_two_headings_below_the_title() -> None:
    chunk = Chunk(
        **{"id": "c", "document": "d", "source": "d.md", "title": "Pumps", "page": None, "start": 0, "end": 1},
        **{"kind": "prose", "text": "x", "headings": ("Pumps", "Feed", "Seals", "Faces")},
    )
    assert sections_of([chunk]) == {"c": "Feed / Seals"}
