import pytest

from loresmith.domains.coverage import MOST_TOPICS, coverage, evenness
from loresmith.domains.question import DomainQuestion
from loresmith.domains.wording import Asked


def rows(count: int) -> list[Asked]:
    asked = DomainQuestion(place="", question="What pumps blood?", answer="the heart", options=("the heart", "a lung"))
    return [Asked(question=asked, options=asked.options if number % 2 else ()) for number in range(count)]


def columns(count: int) -> list[dict[str, str]]:
    return [{"domain": "biology", "source": "sciq", "topic": f"topic {number}"} for number in range(count)]


def test_every_part_counts_every_row_and_letters_only_choices() -> None:
    found = coverage(rows(20), columns(20), [number / 20 for number in range(20)])
    counts = {part.title: part.counts for part in found.parts}
    assert counts["Answer"] == {"letter": 10, "name or phrase": 10}
    assert counts["Right letter"] == {"A": 10}
    assert counts["Words of the answer"]["2 to 5"] == 20
    assert all(sum(part.counts.values()) == 20 for part in found.parts if part.title != "Right letter")
    assert len(counts["Topic"]) == MOST_TOPICS + 1
    assert counts["Topic"]["5 others"] == 5
    assert found.difficulty == {f"0.{step}": 2 for step in range(10)}
    assert found.along[0] == 0.025
    assert list(found.along) == sorted(found.along)


def test_the_highest_difficulty_counts_in_the_last_tenth() -> None:
    assert coverage(rows(1), columns(1), [1.0]).difficulty["0.9"] == 1


@pytest.mark.parametrize(
    ("counts", "value"), [((5, 5), 1.0), ((1, 1, 1), 1.0), ((9, 1), 0.469), ((4,), None), ((), None)]
)
def test_evenness_is_1_for_equal_shares_and_unknown_for_one_kind(counts: tuple[int, ...], value: float | None) -> None:
    assert evenness(counts) == (None if value is None else pytest.approx(value, abs=1e-3))
