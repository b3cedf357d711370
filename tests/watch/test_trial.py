"""Which questions are fair to a champion, and that new documents cannot pay for earlier ones."""

from loresmith.compare.gate import Contest, decide
from loresmith.compare.marks import Mark, Sheet
from loresmith.recipe import GateConfig
from loresmith.watch.places import Taught, hashed
from loresmith.watch.trial import Ground, fair_parts

QUESTIONS = 200


def contest(old: list[bool], new: list[bool], *, name: str = "recall", documents: int = 4) -> Contest:
    """An exam on documents d0, d1, ... of equally many questions."""

    def sheet(right: list[bool]) -> Sheet:
        marks = (
            Mark(f"q{place}", float(is_right), f"d{place * documents // len(right)}", f"f{place}")
            for place, is_right in enumerate(right)
        )
        return Sheet(name, "correct", tuple(marks))

    return Contest(sheet(old), sheet(new))


def ground(*documents: str, questions: tuple[str, ...] = ()) -> Ground:
    """A champion that learned these documents, and these questions word by word."""
    words = {f"q{place}": f"What is {place}?" for place in range(QUESTIONS)}
    return Ground(Taught(frozenset(documents), frozenset(map(hashed, questions))), words)


def some(share: float, count: int) -> list[bool]:
    """So large a share right, spread evenly."""
    return [int((place + 1) * share) > int(place * share) for place in range(count)]


def test_earlier_and_new_documents_are_an_exam_each() -> None:
    parts = list(fair_parts(contest([True] * QUESTIONS, [True] * QUESTIONS), ground("d0", "d1", "d2")))
    assert [(part.name, len(part.new.marks)) for part in parts] == [
        ("recall on earlier documents", 150), ("recall on new documents", 50)
    ]  # fmt: skip


def test_a_question_that_the_champion_was_trained_on_counts_for_nobody() -> None:
    asked = contest([True] * QUESTIONS, [True] * QUESTIONS)
    (part,) = fair_parts(asked, ground("d0", "d1", "d2", "d3", questions=("what is  7?",)))
    assert len(part.new.marks) == len(part.old.marks) == QUESTIONS - 1
    assert all(mark.question != "q7" for mark in part.new.marks)


def test_a_transfer_question_about_a_document_that_it_learned_counts_for_nobody() -> None:
    asked = contest([True] * QUESTIONS, [True] * QUESTIONS, name="transfer")
    (part,) = fair_parts(asked, ground("d0"))
    assert len(part.new.marks) == 150
    assert list(fair_parts(asked, ground("d0", "d1", "d2", "d3"))) == []


def test_what_is_won_on_new_documents_does_not_pay_for_what_is_lost_on_earlier_ones() -> None:
    old = some(0.8, 100) + [False] * 100
    new = some(0.5, 100) + [True] * 100
    asked = contest(old, new)
    assert decide([asked], [], GateConfig()).decision != "keep"  # together it is 35 points better
    found = decide(list(fair_parts(asked, ground("d0", "d1"))), [], GateConfig())
    assert found.decision == "keep"
    assert "recall on earlier documents fell by 30.0" in found.headline


def test_a_gain_on_one_new_document_of_few_is_seen() -> None:
    old, new = some(0.8, 150) + [False] * 50, some(0.8, 150) + some(0.6, 50)
    found = decide(list(fair_parts(contest(old, new), ground("d0", "d1", "d2"))), [], GateConfig())
    assert found.decision == "promote"


def test_without_the_duty_to_gain_only_a_clear_fall_is_refused() -> None:
    same = contest(some(0.8, 100), some(0.8, 100))
    worse = contest(some(0.8, 100), some(0.5, 100))
    assert decide([same], [], GateConfig()).decision == "keep"
    assert decide([same], [], GateConfig(), must_gain=False).decision == "promote"
    assert decide([worse], [], GateConfig(), must_gain=False).decision == "keep"
