"""Each finder on the statements it is for: what is asked, and what the answer is."""

import re
from collections.abc import Callable

import pytest

from loresmith.generate.cells import cell_claims
from loresmith.generate.claims import Claim
from loresmith.generate.cloze import cloze_claims
from loresmith.generate.definitions import definition_claims
from loresmith.generate.events import event_claims
from loresmith.generate.listed import listed_claims
from loresmith.generate.numbers import number_claims
from loresmith.records import Chunk

MakeChunk = Callable[..., Chunk]


def asked(claims: list[Claim]) -> dict[str, str]:
    """The plainest question of each claim to its answer."""
    return {claim.asked[0]: claim.answer for claim in claims}


@pytest.mark.parametrize(
    ("text", "question", "answer"),
    [
        ("The GSM8K test set holds 1,319 problems.", "How many problems does the GSM8K test set hold?", "1,319"),
        ("Qwen2.5 was pretrained on 18 trillion tokens.", "On how many tokens was Qwen2.5 pretrained?", "18 trillion"),
        ("On GLUE, BERT obtains a score of 80.5.", "What score does BERT obtain on GLUE?", "80.5"),
        ("The hidden size of BERT is 768.", "What is the hidden size of BERT?", "768"),
        ("The LoRA adapter for GPT-3 takes about 35 MB.", "How many MB does the LoRA adapter for GPT-3 take?", "35 MB"),
        ("BERT uses a vocabulary of 30,000 tokens.", "BERT uses a vocabulary of how many tokens?", "30,000"),
        (
            "The encoder has 6 identical layers.",
            "According to the section “Training” of “BERT”, how many identical layers does the encoder have?",
            "6",
        ),
        (
            "We fine-tune and use 3 epochs. We use a batch size of 32 for GLUE.",
            "According to the section “Training” of “BERT”, what batch size do the authors use for GLUE?",
            "32",
        ),
    ],
)
def test_numbers_are_asked_for(chunk_of: MakeChunk, text: str, question: str, answer: str) -> None:
    assert asked(list(number_claims(chunk_of(text)))).get(question) == answer


@pytest.mark.parametrize(
    "text",
    [
        "The BERT paper recommends 2, 3 or 4 epochs.",
        "BERT has 12 and 24 layers in its sizes.",
        "The BERT paper was published in 2018.",
    ],
)
def test_numbers_that_are_only_half_of_the_answer_are_not_asked_for(chunk_of: MakeChunk, text: str) -> None:
    assert list(number_claims(chunk_of(text))) == []


@pytest.mark.parametrize("text", ["GPT is a model with the 12 layers of BERT.", "GPT is a model with its 12 layers."])
def test_a_number_behind_an_article_is_not_asked_by_how_many(chunk_of: MakeChunk, text: str) -> None:
    asked_for = [words for claim in number_claims(chunk_of(text)) for words in claim.asked]
    assert not [words for words in asked_for if re.search(r"\b(?:the|its) how many\b", words)]


def test_an_echo_stands_in_a_sentence_and_is_put_into_nobodys_mouth(chunk_of: MakeChunk) -> None:
    (claim,) = number_claims(chunk_of("BERT is a model with 12 layers."))
    assert claim.asked[0] == "BERT is a model with how many layers?"
    assert len(claim.asked) >= 6
    assert not [words for words in claim.asked if words.startswith(("Somebody", "“BERT” tells"))]


def test_a_definition_is_asked_in_both_directions(chunk_of: MakeChunk) -> None:
    text = "LoRA, short for Low-Rank Adaptation, is a method that trains two thin matrices."
    assert asked(list(definition_claims(chunk_of(text)))) == {
        "What does LoRA stand for?": "Low-Rank Adaptation",
        "Which method trains two thin matrices?": "LoRA",
        "What is LoRA?": "a method that trains two thin matrices",
    }


def test_a_long_definition_is_asked_for_its_term_and_as_a_whole_for_a_long_answer_alone(chunk_of: MakeChunk) -> None:
    meaning = "a small network that is put between the frozen layers of a large Transformer model"
    found = list(definition_claims(chunk_of(f"An adapter layer is {meaning}.")))
    assert [(claim.kind, claim.answer, claim.is_long) for claim in found] == [
        ("term", "adapter layer", False),
        ("definition", meaning, True),
    ]


def test_an_abbreviation_is_spelled_out_when_the_initials_fit(chunk_of: MakeChunk) -> None:
    text = "The General Language Understanding Evaluation (GLUE) benchmark covers the test sets (TPU) of nine tasks."
    found = [claim for claim in definition_claims(chunk_of(text)) if claim.kind == "expansion"]
    assert [(claim.subject, claim.answer) for claim in found] == [("GLUE", "General Language Understanding Evaluation")]


def test_a_glossary_entry_is_a_definition(chunk_of: MakeChunk) -> None:
    found = asked(list(definition_claims(chunk_of("zoology\n: study of animals\n^"))))
    assert found["Which term means “study of animals”?"] == "zoology"
    assert found["What is the meaning of the term zoology?"] == "study of animals"


@pytest.mark.parametrize(
    "text",
    [
        "The result is a promising method that works well.",
        "This is a method that trains matrices.",
        "BERT is a key contribution to all of this.",
    ],
)
def test_judgements_are_no_definitions(chunk_of: MakeChunk, text: str) -> None:
    assert list(definition_claims(chunk_of(text))) == []


def test_a_passive_tells_when_and_by_whom(chunk_of: MakeChunk) -> None:
    text = "BitFit was introduced by Elad Ben Zaken and colleagues in June 2021."
    assert asked(list(event_claims(chunk_of(text)))) == {
        "When was BitFit introduced by Elad Ben Zaken and colleagues?": "June 2021",
        "By whom was BitFit introduced in June 2021?": "Elad Ben Zaken and colleagues",
    }


def test_all_of_several_doers_are_the_answer(chunk_of: MakeChunk) -> None:
    text = "FAISS was published in 2017 by Jeff Johnson, Matthijs Douze and Hervé Jégou."
    assert "Jeff Johnson, Matthijs Douze and Hervé Jégou" in asked(list(event_claims(chunk_of(text)))).values()


TABLE = """Table 4: Results on the tests.

| Model | MMLU (%) | Trained parameters (million) | Licence |
|---|---|---|---|
| BERT base | 79.6 | 110 | Apache 2.0 |
| BERT large | **82.1** | 340 | MIT |
| GPT-2 | - | 1,558 | MIT |
"""


def test_a_cell_is_asked_for_by_row_column_and_table(chunk_of: MakeChunk) -> None:
    found = asked(list(cell_claims(chunk_of(TABLE, kind="table"))))
    assert found["What is the MMLU (%) value of BERT large in Table 4 of “BERT”?"] == "82.1"
    assert found["What are the trained parameters (million) of GPT-2 in Table 4 of “BERT”?"] == "1,558"
    assert len(found) == 8


def test_the_wordings_for_a_cell_name_row_column_and_table_in_whole_sentences(chunk_of: MakeChunk) -> None:
    (claim,) = [claim for claim in cell_claims(chunk_of(TABLE, kind="table")) if claim.answer == "340"]
    assert all("BERT large" in words and "trained parameters" in words.lower() for words in claim.asked)
    assert {
        "According to Table 4 of “BERT”, what are the trained parameters (million) of BERT large?",
        "Find the trained parameters (million) of BERT large in Table 4 of “BERT”.",
        "What does Table 4 of “BERT” list for BERT large under “Trained parameters (million)”?",
    } <= set(claim.asked)


def test_the_quote_of_a_cell_is_its_row(chunk_of: MakeChunk) -> None:
    claim = next(iter(cell_claims(chunk_of(TABLE, kind="table"))))
    assert claim.quote == "| BERT base | 79.6 | 110 | Apache 2.0 |"


def test_the_other_cells_of_the_column_are_rivals(chunk_of: MakeChunk) -> None:
    claims = {claim.answer: claim.rivals for claim in cell_claims(chunk_of(TABLE, kind="table"))}
    assert claims["110"] == ("340", "1,558")


def test_models_in_the_columns_are_what_is_measured(chunk_of: MakeChunk) -> None:
    table = "| Benchmark | GPT-4 | BERT |\n|---|---|---|\n| MMLU | 86.4 | 40.1 |\n| GSM8K | 92.0 | 3.0 |"
    found = asked(list(cell_claims(chunk_of(table))))
    assert found["What is the MMLU value of GPT-4 in the table under “Training” in “BERT”?"] == "86.4"


def test_labels_that_stand_twice_name_no_cell(chunk_of: MakeChunk) -> None:
    table = "| Model | Score |\n|---|---|\n| A1 | 1 |\n| A1 | 2 |\n| B1 | 3 |\n| B2 | 4 |"
    assert {claim.answer for claim in cell_claims(chunk_of(table))} == {"3", "4"}


def test_a_second_header_inside_a_table_is_no_row(chunk_of: MakeChunk) -> None:
    table = "| Model | Score |\n|---|---|\n| A1 | 1 |\n| Name | Points |\n| B1 | 3 |\n| B2 | 4 |"
    assert "Points" not in {claim.answer for claim in cell_claims(chunk_of(table))}


def test_the_rows_below_a_second_header_are_asked_for_under_its_titles(chunk_of: MakeChunk) -> None:
    table = (
        "| Model | Size | Java |\n|---|---|---|\n| A1 | 7B | 10 |\n| B1 | 8B | 20 |\n"
        "| Model | Size | Rust |\n| C1 | 9B | 30 |\n| D1 | 5B | 40 |"
    )
    found = asked(list(cell_claims(chunk_of(table))))
    assert found["What is the Rust value of D1 in the table under “Training” in “BERT”?"] == "40"
    assert found["What is the Java value of B1 in the table under “Training” in “BERT”?"] == "20"
    assert not [words for words in found if "Java value of D1" in words]


def test_a_labelled_line_is_asked_for_in_its_section(chunk_of: MakeChunk) -> None:
    found = asked(list(listed_claims(chunk_of("- Optimizer: AdamW\n- Note: this is a whole sentence. It is long."))))
    assert found == {"What does the section “Training” of “BERT” give for “Optimizer”?": "AdamW"}


def test_a_labelled_line_is_asked_for_by_what_follows_its_label(chunk_of: MakeChunk) -> None:
    (claim,) = listed_claims(chunk_of("- Optimizer: AdamW"))
    assert "In the section “Training” of “BERT”, what follows “Optimizer”?" in claim.asked


def test_a_named_subject_is_asked_for(chunk_of: MakeChunk) -> None:
    found = asked(
        list(
            cloze_claims(
                chunk_of("WebGPT navigates pages and writes long answers. WebGPT uses a browser to answer questions.")
            )
        )
    )
    assert found["What uses a browser to answer questions?"] == "WebGPT"


def test_a_name_in_a_sentence_is_blanked_when_the_subject_has_none(chunk_of: MakeChunk) -> None:
    (claim,) = cloze_claims(chunk_of("The results for the largest models come from the SWE-Agent framework."))
    assert claim.answer == "SWE-Agent"
    assert all("____" in text and "“BERT”" in text for text in claim.asked)


ALL = "\n\n".join(
    [
        "LoRA, short for Low-Rank Adaptation, is a method that trains two thin matrices.",
        "BitFit was introduced by Elad Ben Zaken in June 2021.",
        "The GSM8K test set holds 1,319 problems. The encoder has 6 layers.",
        "- Optimizer: AdamW",
        "WebGPT uses a browser to answer questions.",
        TABLE,
    ]
)


def test_every_claim_has_at_least_four_wordings_that_differ_in_more_than_a_word(chunk_of: MakeChunk) -> None:
    finders = (definition_claims, event_claims, number_claims, listed_claims, cell_claims, cloze_claims)
    claims = [claim for finder in finders for claim in finder(chunk_of(ALL, kind="prose"))]
    assert {claim.kind for claim in claims} >= {
        "term",
        "definition",
        "expansion",
        "date",
        "agent",
        "number",
        "listed",
        "cell",
    }
    for claim in claims:
        texts = [set(text.lower().split()) for text in claim.asked]
        assert len(texts) >= 4
        assert all(len(left ^ right) >= 2 for i, left in enumerate(texts) for right in texts[:i]), claim.asked
