import pytest

from loresmith.domains.topics import field_of_science


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("Which cell organelle holds the genes?", "biology"),
        ("Electrons of an atom form a covalent bond.", "chemistry"),
        ("What is the velocity of a wave?", "physics"),
        ("Lava leaves a volcano.", "earth and space"),
        ("Who wrote it?", "other"),
        ("A cell and an atom.", "biology"),
    ],
)
def test_the_field_with_the_most_words_wins_and_the_first_on_a_draw(text: str, field: str) -> None:
    assert field_of_science(text) == field
