"""Beyond right and wrong, on a made-up project whose figures are known."""

from loresmith.evaluate.results import Wording
from loresmith.records import Estimate
from loresmith.report import quality
from loresmith.report.content import Section, Table
from loresmith.report.exam import Exam
from loresmith.report.material import Material


def section_of(material: Material, **changes: object) -> Section | None:
    assert material.exam is not None
    other = Material(material.settings, material.parents)
    other.__dict__["exam"] = Exam.model_validate({**material.exam.model_dump(), **changes})
    return quality.quality(other)


def tables(section: Section | None) -> dict[str, Table]:
    assert section is not None
    return {block.caption: block for block in section.blocks if isinstance(block, Table)}


def test_faithfulness_and_citations_come_with_interval_n_and_what_was_unscored(material: Material) -> None:
    row = tables(quality.quality(material))["Sources behind the answers"].rows[0]
    assert row[1] == "rag"
    assert row[2].startswith("50.0% [")
    assert row[3].startswith("100.0% [")
    assert not row[3].endswith("[100.0%, 100.0%]")  # so few citations, all right, prove less than that
    assert (
        int(row[5]) + int(row[6].split()[0])
        == len({question for question in material.questions.values() if question.form == "short"}) / 2
    )
    assert row[6].endswith("declined to answer")


def test_held_out_text_is_compared_with_the_base(material: Material) -> None:
    base, lora = tables(quality.quality(material))["Text that was not trained on"].rows
    assert (base[0], base[3], base[4]) == ("base", "–", "1,000")
    assert lora[3].startswith("−0.072 [")
    assert "nan" not in " ".join((*base, *lora)).lower()


def test_long_references_have_a_table_of_their_own_and_an_absent_package_is_told(material: Material) -> None:
    found = Estimate(value=0.25, low=0.2, high=0.3, n=12, method="bootstrap")
    scored = Wording(arm="rag", exam="recall", rouge_l=found, bleu=found, corpus_bleu=0.1, unscored={})
    absent = Wording(arm="lora", exam="recall", rouge_l=None, bleu=None, corpus_bleu=None, unscored={"absent": 12})
    section = section_of(material, wordings=(scored.model_dump(), absent.model_dump()))
    rows = tables(section)["Questions with a reference of ten words or more"].rows
    assert rows[0] == ("recall", "rag", "0.250 [0.200, 0.300]", "0.250 [0.200, 0.300]", "0.100", "12", "0")
    assert rows[1] == ("recall", "lora", "–", "–", "–", "0", "12 absent")


def test_an_exam_of_an_earlier_version_has_no_such_section(material: Material) -> None:
    assert section_of(material, grounded=(), held_text=(), wordings=()) is None
