from loresmith.serve.documents.outline import Heading, outline_of

TEXT = (
    "<!-- page 1 -->\n# Pumps\n\nThe pump lifts 30 litres.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
    "<!-- page 2 -->\n## Valves ##\n\n```\n# no heading\n```\n"
)


def test_headings_know_their_page_and_code_is_none() -> None:
    found = outline_of(TEXT)
    assert found.headings == (Heading(1, "Pumps", 1), Heading(2, "Valves", 2))
    assert (found.sections, found.tables) == (2, 1)


def test_marks_of_pages_bars_and_rulers_are_no_words() -> None:
    assert outline_of("<!-- page 1 -->\n| one | two |\n|---|---|\n").words == 2
