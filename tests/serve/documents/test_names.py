import pytest

from loresmith.errors import UserError
from loresmith.serve.documents.names import accepted


@pytest.mark.parametrize("name", ["dock.pdf", "Übung 3.MD", "a.b.c.docx", "名前.txt"])
def test_a_plain_name_is_taken_as_it_is(name: str) -> None:
    assert accepted(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "", " ", ".pdf", "../../etc/passwd.md", "a/b.md", "a\\b.md", "C:evil.md", "a\0.md", "a\n.md", "x.md\u202e.pdf",
        "a\u200bb.md", "~$dock.docx", "con.md", "NUL.txt", "a" * 200 + ".md", "dock.", "dock", "a|b.md", "\ud800.md",
    ],
)  # fmt: skip
def test_a_name_that_climbs_hides_or_turns_around_is_refused_with_one_line(name: str) -> None:
    with pytest.raises(UserError) as told:
        accepted(name)
    assert "\n" not in told.value.problem
    assert told.value.problem.isascii()


@pytest.mark.parametrize("name", ["evil.exe", "page.svg", "x.pdf.js", "archive.zip", "model.pkl"])
def test_a_kind_that_nothing_reads_is_refused_and_the_kinds_that_are_read_are_named(name: str) -> None:
    with pytest.raises(UserError, match="not read here") as told:
        accepted(name)
    assert ".pdf" in told.value.next_step


def test_a_name_has_one_spelling() -> None:
    assert accepted("U\u0308bung.md") == "\u00dcbung.md"
