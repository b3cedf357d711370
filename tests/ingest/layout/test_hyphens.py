import pytest

from loresmith.ingest.layout.hyphens import Vocabulary, joined_lines


def seen(**counts: int) -> Vocabulary:
    vocabulary = Vocabulary()
    vocabulary.words.update({word.replace("_", "-"): count for word, count in counts.items()})
    return vocabulary


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("the QwQ-32B-", "Preview model", "the QwQ-32B-Preview model"),
        ("called GPT-", "4o by them", "called GPT-4o by them"),
        ("the infor-", "mation in it", "the information in it"),
        ("both pre-", "and post-training", "both pre- and post-training"),
        ("no hyphen", "at all", "no hyphen at all"),
        ("a dash –", "and more", "a dash – and more"),
    ],
)
def test_a_line_end_hyphen_without_evidence(first: str, second: str, joined: str) -> None:
    assert joined_lines([first, second], Vocabulary()) == joined


def test_the_hyphenated_form_seen_elsewhere_wins() -> None:
    assert joined_lines(["is non-", "reasoning here"], seen(non_reasoning=2)) == "is non-reasoning here"


def test_the_joined_form_seen_elsewhere_wins_even_with_a_capital() -> None:
    assert joined_lines(["by Deep-", "Seek and others"], seen(deepseek=3)) == "by DeepSeek and others"


def test_two_known_words_keep_their_hyphen() -> None:
    assert joined_lines(["a rule-", "based teacher"], seen(rule=3, based=2)) == "a rule-based teacher"


def test_nothing_becomes_nothing() -> None:
    assert joined_lines([], Vocabulary()) == ""
