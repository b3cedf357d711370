import pytest

from loresmith.router.keywords import named

WORDS = {"biology": ("cell", "cell wall", "DNA"), "security": ("SQL injection", "C++"), "plain": ()}


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("What is a cell?", ("biology", "cell")),
        ("What does the Cell  Wall hold?", ("biology", "cell wall")),
        ("How is sql\ninjection found?", ("security", "SQL injection")),
        ("Is C++ safe?", ("security", "C++")),
        ("Is C++11 safe?", None),
        ("What do excellent sellers sell?", None),
        ("Does DNA allow SQL injection?", None),
        ("", None),
    ],
)
def test_a_whole_word_of_one_expert_alone_names_it(question: str, found: tuple[str, str] | None) -> None:
    assert named(question, WORDS) == found
