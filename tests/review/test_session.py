import pytest

from loresmith.decisions import REVIEW, Decision
from loresmith.errors import ArtifactCorrupt, ArtifactMissing, UserError
from loresmith.pipeline import Project
from loresmith.recipe import ChunkConfig
from loresmith.review.session import Review
from tests.review.workshop import VICE, VICE_QUOTE, decide, entry_of, made, wordings

PICK = "Which option is correct? According to “The bench”, how many kg does a bench vice hold?"
LATHE = "According to “The bench”, how many chisels does the lathe hold?"


@pytest.fixture
def review(workshop: Project) -> Review:
    return Review(workshop.path)


def test_every_question_is_there_once_and_undecided(review: Review) -> None:
    count = review.count()
    assert count.questions == count.undecided == len({entry.row.key for entry in review.entries()}) > 50
    assert count.is_applied


def test_the_quote_of_every_row_is_marked_in_its_passage(review: Review) -> None:
    for entry in review.entries():
        marked = [piece.text for passage in review.passages(entry.row) for piece in passage.pieces if piece.is_quote]
        wanted = (entry.row.question.quote, *(part.quote for part in entry.row.question.also))
        assert all(any(quote in text for text in marked) for quote in wanted)
        assert sum(map(len, marked)) <= sum(map(len, wanted))


def test_a_decision_counts_at_once_and_after_a_restart(workshop: Project, review: Review) -> None:
    decide(review, VICE, "accept")
    assert decide(review, LATHE, "reject", reason="dull").verdict == "reject"
    for again in (review, Review(workshop.path)):
        count = again.count()
        assert (count.accept, count.reject, count.decided, count.is_applied) == (1, 1, 2, False)
        assert entry_of(again, LATHE).verdict == "reject"


def test_what_another_process_writes_is_seen(workshop: Project, review: Review) -> None:
    review.entries()
    decide(Review(workshop.path), VICE, "reject")
    assert entry_of(review, VICE).verdict == "reject"


def test_an_edit_shows_its_words_and_the_row_stays_the_one_it_was(review: Review) -> None:
    before = entry_of(review, VICE)
    after = decide(review, VICE, "edit", question="How many kg does the vice of “The bench” hold?")
    assert after.row == before.row
    assert after.question.question == "How many kg does the vice of “The bench” hold?"
    assert after.question.answer == "40 kg"


@pytest.mark.parametrize(
    ("text", "words", "reason"),
    [
        (VICE, {"answer": "41 kg"}, "number of the answer is not in the quote"),
        (VICE, {"answer": "the drill press"}, "answer is not in the quote"),
        (VICE, {"question": "How much does it hold?"}, "question does not stand alone"),
        (VICE, {"question": VICE, "answer": "40 kg"}, "nothing was changed"),
        (VICE, {"question": LATHE}, "ambiguous: the same question has other answers"),
        (PICK, {"answer": "30 kg"}, "number of the answer is not in the quote"),
    ],
)
def test_an_edit_that_fails_a_check_is_refused_with_its_reason_and_not_kept(
    workshop: Project, review: Review, text: str, words: dict[str, str], reason: str
) -> None:
    with pytest.raises(UserError, match=f"The edit is refused: {reason}"):
        decide(review, text, "edit", **words)
    assert not (workshop.path / REVIEW).exists()


def test_a_question_that_another_row_asks_is_refused_unless_that_row_is_rejected(
    workshop: Project, review: Review
) -> None:
    other = wordings(workshop, VICE_QUOTE)[1]
    with pytest.raises(UserError, match="The edit is refused: duplicate question"):
        decide(review, VICE, "edit", question=other)
    decide(review, other, "reject")
    decide(review, VICE, "edit", question=other)
    assert review.count().edit == 1


def test_a_row_that_is_not_there_cannot_be_decided(workshop: Project, review: Review) -> None:
    with pytest.raises(UserError, match="not here any more"):
        review.decide(Decision(key="0" * 16, verdict="accept"))
    assert not (workshop.path / REVIEW).exists()


def test_before_there_are_questions_the_verb_is_named(workshop: Project) -> None:
    bare = workshop.path.parent / "bare"
    with pytest.raises(ArtifactMissing, match="loresmith generate"):
        Review(bare).count()


def test_questions_about_other_passages_are_one_clear_error(workshop: Project) -> None:
    smaller = workshop.recipe.model_copy(update={"chunk": ChunkConfig(size=200, overlap=0)})
    made(Project(workshop.path, smaller), until="chunk")
    with pytest.raises(ArtifactCorrupt, match="not about these chunks") as caught:
        Review(workshop.path).entries()
    assert "loresmith generate" in caught.value.next_step


def test_a_torn_line_is_counted_and_the_others_hold(workshop: Project, review: Review) -> None:
    decide(review, VICE, "reject")
    with (workshop.path / REVIEW).open("ab") as file:
        file.write(b'{"key": "12')
    count = review.count()
    assert (count.reject, count.torn_lines) == (1, 1)
