from collections.abc import Callable, Sequence

import pytest

from loresmith.records import Chunk, Question
from loresmith.retrieval.fuse import Candidates, Fusion
from loresmith.retrieval.tuning import FEWEST_QUESTIONS, MOST_QUESTIONS, sampled, tuned

Find = Callable[[str], Candidates]
COUNT = 80


def chunk(number: int) -> Chunk:
    return Chunk(
        id=f"c{number}", document=f"d{number}", source="s", title="", headings=(), page=None, start=0, end=9,
        kind="prose", text=f"fact {number}",
    )  # fmt: skip


def question(number: int, **changed: object) -> Question:
    row = {
        "id": f"q{number}", "fact": f"f{number}", "document": f"d{number}", "source": "s", "page": None,
        "chunk": f"c{number}", "quote": f"fact {number}", "kind": "cell", "form": "short", "wording": 0,
        "question": str(number), "answer": "",
    }  # fmt: skip
    return Question.model_validate({**row, **changed})


CHUNKS = [chunk(number) for number in range(COUNT)]
QUESTIONS = [question(number) for number in range(COUNT)]


def listed(places: Sequence[int]) -> dict[int, float]:
    return {place: 1 - rank / 10 for rank, place in enumerate(places)}


def orders(asked: str) -> tuple[dict[int, float], dict[int, float]]:
    right = int(asked)
    wrong = [(right + step) % COUNT for step in range(1, 8)]
    return listed([right, *wrong]), listed([*wrong[::-1], right])


def dense_is_right(asked: str) -> Candidates:
    first, last = orders(asked)
    return Candidates(first, last)


def lexical_is_right(asked: str) -> Candidates:
    first, last = orders(asked)
    return Candidates(last, first)


@pytest.mark.parametrize("fusion", ["ranks", "scores"])
@pytest.mark.parametrize(("find", "is_higher"), [(dense_is_right, True), (lexical_is_right, False)])
def test_the_half_that_finds_more_gets_the_weight(find: Find, is_higher: bool, fusion: Fusion) -> None:
    found = tuned(QUESTIONS, CHUNKS, find, fusion, 0.5)
    assert (found.chosen > 0.5) is is_higher and found.chosen == found.best
    assert found.gain is not None and found.gain[0] > 0
    assert found.best_ndcg == 1.0 and found.given_ndcg is not None and found.given_ndcg < 1.0
    assert found.questions == COUNT


def test_a_weight_that_is_not_clearly_better_is_not_taken() -> None:
    def find(asked: str) -> Candidates:
        first, _ = orders(asked)
        return dense_is_right(asked) if int(asked) < 2 else Candidates(first, first)

    found = tuned(QUESTIONS, CHUNKS, find, "ranks", 0.3)
    assert found.best != 0.3 and found.best_ndcg is not None and found.given_ndcg is not None
    assert found.best_ndcg > found.given_ndcg and found.gain is not None and found.gain[0] <= 0
    assert found.chosen == 0.3


def test_few_questions_change_nothing() -> None:
    found = tuned(QUESTIONS[: FEWEST_QUESTIONS - 1], CHUNKS, dense_is_right, "ranks", 0.3)
    assert (found.chosen, found.best, found.gain, found.questions) == (0.3, None, None, FEWEST_QUESTIONS - 1)


def test_what_has_no_answer_and_other_wordings_are_not_asked() -> None:
    others = [question(number, kind="unanswerable", fact="x") for number in range(9)]
    others += [question(number, wording=1) for number in range(9)] + [question(1, form="choice", fact="y")]
    assert sampled([*QUESTIONS, *others], 17) == QUESTIONS


def test_a_sample_is_in_order_and_the_same_each_time() -> None:
    many = [question(number, fact=f"f{number}") for number in range(900)]
    found = sampled(many, 17)
    assert found == sampled(many, 17) and len(found) == MOST_QUESTIONS
    assert [int(row.question) for row in found] == sorted(int(row.question) for row in found)


def test_an_overlapping_chunk_that_holds_the_quote_is_right_too() -> None:
    twin = chunk(0).model_copy(update={"id": "twin"})
    far = chunk(0).model_copy(update={"id": "far", "start": 50, "end": 59})
    chunks = [*CHUNKS[1:], twin, far, CHUNKS[0]]
    asked = [question(0, fact=f"f{number}", document="d0") for number in range(FEWEST_QUESTIONS)]
    place = chunks.index

    def find(_: str) -> Candidates:
        return Candidates(listed([place(twin), place(CHUNKS[0])]), listed([place(far)]))

    found = tuned(asked, chunks, find, "ranks", 1.0)
    assert found.given_ndcg == 1.0
