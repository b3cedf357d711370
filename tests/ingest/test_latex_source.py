"""What TeX reads of a source, found in linear time."""

import time
from pathlib import Path

import pytest

from loresmith.ingest.content import NotText
from loresmith.ingest.latex_source import assembled, without_comments


@pytest.mark.parametrize(
    "mark",
    [
        "\\begin{verbatim}", "\\iffalse ", "\\begin{comment}", "\\verb|a\n", "\\url{", "\\printbibliography[", "% \n",
        "%\n" + " " * 20, "\\begin{verbatim}x\\end{verbatim}", "% \\begin{verbatim}x\\end{verbatim}", "\\input{",
    ],
)  # fmt: skip
def test_a_mark_repeated_without_an_end_takes_linear_time(tmp_path: Path, mark: str) -> None:
    (tmp_path / "main.tex").write_text(mark * (400_000 // len(mark)), encoding="utf-8")
    started = time.process_time()
    assembled(tmp_path / "main.tex")
    assert time.process_time() - started < 3  # measured 0.5 at most; quadratic patterns took minutes


def test_a_long_run_of_blanks_behind_a_comment_takes_linear_time() -> None:
    started = time.process_time()
    assert without_comments("a% b\n" + " " * 200_000 + "\nc") == "a\n" + " " * 200_000 + "\nc"
    assert time.process_time() - started < 1


def test_files_that_are_not_there_are_sought_only_so_often(tmp_path: Path) -> None:
    (tmp_path / "main.tex").write_text("\\input{gone}" * 100_000, encoding="utf-8")
    _, source = assembled(tmp_path / "main.tex")
    assert source.tries == 5000


def test_no_more_bytes_are_read_than_allowed(tmp_path: Path) -> None:
    (tmp_path / "main.tex").write_text("\\input{one}\\input{two}", encoding="utf-8")
    (tmp_path / "one.tex").write_text("a" * 100, encoding="utf-8")
    (tmp_path / "two.tex").write_text("b" * 10, encoding="utf-8")
    assert assembled(tmp_path / "main.tex", 60)[0] == "b" * 10
    with pytest.raises(NotText):
        assembled(tmp_path / "main.tex", 10)


def test_an_unclosed_mark_leaves_the_text_as_it_is() -> None:
    text = "a \\iffalse b \\begin{verbatim} c"
    assert without_comments(text) == text


def test_a_comment_before_an_empty_line_keeps_the_paragraphs_apart() -> None:
    assert without_comments("one % note\n% more\n\ntwo") == "one \n\ntwo"
    assert without_comments("one% note\n  two") == "onetwo"


def test_a_closing_mark_in_a_comment_closes_nothing() -> None:
    assert without_comments("a\\iffalse b % \\fi\nc\\fi d") == "a d"


@pytest.mark.parametrize(
    "text", ["\\url{http://a/b%20c}", "\\href{http://a/b%20c}{there}", "\\verb|50%|", "\\verb*+%+", "5\\% of"]
)
def test_a_percent_sign_in_an_address_or_in_code_is_no_comment(text: str) -> None:
    assert without_comments(f"{text} stays % goes\n") == f"{text} stays "


def test_the_references_of_an_included_file_are_those_of_the_document(tmp_path: Path) -> None:
    (tmp_path / "main.tex").write_text("Text.\n\\include{end}", encoding="utf-8")
    (tmp_path / "end.tex").write_text("\\bibliography{all}", encoding="utf-8")
    (tmp_path / "main.bbl").write_text("\\bibitem{bee} A. Bee.", encoding="utf-8")
    assert assembled(tmp_path / "main.tex")[0] == "Text.\n\\bibitem{bee} A. Bee."
