from loresmith.recipe import TrainConfig
from loresmith.sizing.corpus import Corpus, doubts, optimizer_steps, visible

LARGE = Corpus(tokens=200_000, questions=4000, facts=1000, exam=400)
TRAIN = TrainConfig()


def test_a_large_corpus_raises_no_doubt() -> None:
    assert list(doubts(LARGE, TRAIN, 900)) == []


def test_documents_that_fit_into_one_prompt_are_for_retrieval() -> None:
    small = Corpus(tokens=800, questions=4000, facts=1000, exam=400)
    assert ["fit whole into one prompt" in said for said in doubts(small, TRAIN, 900)] == [True]


def test_too_few_questions_are_counted_beside_what_guides_ask_for() -> None:
    few = Corpus(tokens=200_000, questions=999, facts=250, exam=400)
    assert [said.split()[0] for said in doubts(few, TRAIN, 900)] == ["999"]


def test_too_few_steps_are_a_doubt_of_their_own() -> None:
    large_steps = TrainConfig(per_device_train_batch_size=64, gradient_accumulation_steps=4)
    assert optimizer_steps(4000, large_steps) == 48
    assert [said.split()[0] for said in doubts(LARGE, large_steps, 900)] == ["48"]


def test_an_exam_that_cannot_show_a_gain_says_which_it_could() -> None:
    blind = Corpus(tokens=200_000, questions=4000, facts=1000, exam=40)
    assert visible(40) > 0.1 > visible(400)
    assert any(said.startswith("40 exam questions") for said in doubts(blind, TRAIN, 900))


def test_without_an_exam_no_gain_can_be_shown() -> None:
    none = Corpus(tokens=200_000, questions=4000, facts=1000, exam=0)
    assert list(doubts(none, TRAIN, 900)) == ["no question is left for an exam, so no gain can be shown"]


def test_what_is_not_counted_yet_raises_no_doubt() -> None:
    assert list(doubts(Corpus(None, None, None, None), TRAIN, 900)) == []
