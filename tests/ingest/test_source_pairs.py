"""A LaTeX source and what belongs to it are one document."""

from collections.abc import Callable
from pathlib import Path

import pytest

from loresmith import ingest
from loresmith.artifact import Artifact, Plan, hash_file
from loresmith.progress import finish
from loresmith.recipe import IngestConfig
from loresmith.records import Document

MAIN = (
    "\\documentclass{article}\\title{The Opening of Small Valves}\\begin{document}\n"
    "\\input{sections/one}\nMain text.\n\\end{document}"
)
PRINT = "72 72 20 bold The Opening of Small Valves\n72 120 11 regular The valve opens at four bar."
OTHER = "72 72 20 bold A Catalogue of Springs\n72 120 11 regular The spring is made of steel."

Ingest = Callable[[], Artifact]


@pytest.fixture
def ingested(tmp_path: Path) -> Ingest:
    def work() -> Artifact:
        files = [path for path in (tmp_path / "in").rglob("*") if path.is_file()]
        sources = {path.relative_to(tmp_path / "in").as_posix(): path for path in files}
        plan = Plan("ingest", IngestConfig(), inputs={name: hash_file(path) for name, path in sources.items()})
        return finish(ingest.run(plan, tmp_path / "documents", sources))

    return work


def write(folder: Path, name: str, text: str) -> None:
    path = folder / "in" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def names(made: Artifact) -> list[str]:
    return [row.source for row in made.rows(Document)]


def test_parts_are_read_with_their_document_and_not_again(tmp_path: Path, ingested: Ingest) -> None:
    write(tmp_path, "main.tex", MAIN)
    write(tmp_path, "sections/one.tex", "The part.")
    write(tmp_path, "leftover.tex", "Never put in.")
    made = ingested()
    assert names(made) == ["leftover.tex", "main.tex"]
    assert made.manifest.reasons == {"part of a LaTeX document that is read as a whole": 1}
    assert "The part." in list(made.rows(Document))[1].text


@pytest.mark.parametrize("name", ["main.pdf", "paper.pdf"])
def test_the_source_is_preferred_over_its_print(
    tmp_path: Path, ingested: Ingest, write_pdf: Callable[..., Path], name: str
) -> None:
    write(tmp_path, "main.tex", MAIN)
    write_pdf(PRINT).rename(tmp_path / "in" / name)
    made = ingested()
    assert names(made) == ["main.tex"]
    assert made.manifest.notes["read_from_source"] == {name: "main.tex"}
    assert made.manifest.reasons == {"its LaTeX source is read instead": 1}


def test_a_print_beside_the_folder_of_its_source_is_known(
    tmp_path: Path, ingested: Ingest, write_pdf: Callable[..., Path]
) -> None:
    write(tmp_path, "1706/main.tex", MAIN)
    write_pdf(PRINT).rename(tmp_path / "in" / "1706.pdf")
    assert names(ingested()) == ["1706/main.tex"]


def test_another_pdf_in_the_same_folder_is_read(
    tmp_path: Path, ingested: Ingest, write_pdf: Callable[..., Path]
) -> None:
    write(tmp_path, "main.tex", MAIN)
    write_pdf(OTHER).rename(tmp_path / "in" / "springs.pdf")
    assert names(ingested()) == ["main.tex", "springs.pdf"]


def test_the_print_is_read_where_the_source_cannot_be(
    tmp_path: Path, ingested: Ingest, write_pdf: Callable[..., Path]
) -> None:
    write(tmp_path, "main.tex", "\\documentclass{article}\\begin{document}\\tableofcontents\\end{document}")
    write_pdf(PRINT).rename(tmp_path / "in" / "main.pdf")
    assert names(ingested()) == ["main.pdf"]


def test_a_part_of_a_part_belongs_to_the_document_that_is_part_of_none(tmp_path: Path, ingested: Ingest) -> None:
    write(tmp_path, "main.tex", MAIN.replace("\\input{sections/one}", "\\subfile{chapters/ch1}"))
    chapter = "\\documentclass[../main]{subfiles}\\begin{document}\\input{sec1}\\end{document}"
    write(tmp_path, "chapters/ch1.tex", chapter)
    write(tmp_path, "chapters/sec1.tex", "The innermost part.")
    made = ingested()
    assert names(made) == ["main.tex"]
    assert "The innermost part." in next(iter(made.rows(Document))).text


def test_of_mains_that_put_in_each_other_one_is_read(tmp_path: Path, ingested: Ingest) -> None:
    for name, other in [("a", "b"), ("b", "c"), ("c", "a")]:
        body = f"\\begin{{document}}Text of {name}. \\input{{{other}}}\\end{{document}}"
        write(tmp_path, f"{name}.tex", f"\\documentclass{{article}}{body}")
    assert names(ingested()) == ["a.tex"]
