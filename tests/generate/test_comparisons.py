from collections.abc import Callable

import pytest

from loresmith.generate.checks import fact_fault, question_fault
from loresmith.generate.claims import Claim, fact_of
from loresmith.generate.comparisons import comparison_claims
from loresmith.generate.questions import question_of
from loresmith.generate.survey import Survey
from loresmith.records import Chunk

MakeChunk = Callable[..., Chunk]
HEAD = "| Model | MMLU (%) | Layers | Year |\n|---|---|---|---|\n"
ROWS = "| GPT-2 | 32.4 | 48 | 2019 |\n| Falcon | 54.1 | 60 | 2023 |\n| Qwen2.5 | 74.2 | 48 | 2024 |\n"
TABLE = f"Table 4: Results.\n\n{HEAD}{ROWS}"


def found(chunk: Chunk) -> dict[str, str]:
    return {claim.asked[0]: claim.answer for claim in comparison_claims(chunk, Survey([chunk]))}


def test_the_highest_and_the_lowest_of_a_column_are_asked_for(chunk_of: MakeChunk) -> None:
    claims = found(chunk_of(TABLE, kind="table"))
    assert claims["Which row of Table 4 of “BERT” has the highest value for “MMLU (%)”?"] == "Qwen2.5"
    assert claims["Which row of Table 4 of “BERT” has the lowest value for “MMLU (%)”?"] == "GPT-2"


def test_what_two_rows_share_is_asked_of_neither(chunk_of: MakeChunk) -> None:
    layers = {question: row for question, row in found(chunk_of(TABLE, kind="table")).items() if "Layers" in question}
    assert layers == {"Which row of Table 4 of “BERT” has the highest value for “Layers”?": "Falcon"}


def test_years_are_no_amounts(chunk_of: MakeChunk) -> None:
    assert not any("Year" in question for question in found(chunk_of(TABLE, kind="table")))


def test_the_quote_names_the_winner_and_all_compared_lines_are_evidence(chunk_of: MakeChunk) -> None:
    chunk = chunk_of(TABLE, kind="table")
    claim = next(iter(comparison_claims(chunk, Survey([chunk]))))
    assert claim.quote == "| Qwen2.5 | 74.2 | 48 | 2024 |"
    assert claim.also == ((chunk, ROWS.strip()),)
    assert ROWS.strip() in chunk.text


def test_models_in_the_columns_are_compared_within_a_row(chunk_of: MakeChunk) -> None:
    head, rule = "| Benchmark | GPT-4 | PaLM2 | Qwen2 |", "|---|---|---|---|"
    chunk = chunk_of(f"{head}\n{rule}\n| MMLU | 86.4 | 78.3 | 84.2 |\n| MATH | 52 | 34 | 51 |")
    claims = {claim.subject: claim for claim in comparison_claims(chunk, Survey([chunk]))}
    highest = claims["highest MMLU in the table under “Training” in “BERT”"]
    assert (highest.answer, highest.asked[0]) == (
        "GPT-4",
        "Which column of the table under “Training” in “BERT” has the highest value for “MMLU”?",
    )
    assert highest.quote == head
    assert highest.also[0][1] == "| MMLU | 86.4 | 78.3 | 84.2 |"


def test_a_dash_is_no_figure_and_the_others_are_compared(chunk_of: MakeChunk) -> None:
    table = f"Table 4: R.\n\n{HEAD}{ROWS}| Yi-34B | - | 60 | 2023 |\n"
    assert found(chunk_of(table))["Which row of Table 4 of “BERT” has the lowest value for “MMLU (%)”?"] == "GPT-2"


@pytest.mark.parametrize(
    "line",
    [
        "| Yi-34B | 76.3 ± 0.2 | 7 | 2023 |",
        "| Yi-34B | 76.3% | 7 | 2023 |",
        "| Yi-34B | ten | 7 | 2023 |",
        "| Yi-34B | 0.001 | 7 | 2023 |",
        "| Average | 53.6 | 7 | 2023 |",
        "| Falcon | 99.1 | 7 | 2023 |",
        "| 99.1 | 7 | 2023 |",
    ],
    ids=["spread", "unit", "word", "another quantity", "sum", "label twice", "cells missing"],
)
def test_a_column_that_cannot_be_read_whole_is_not_compared(chunk_of: MakeChunk, line: str) -> None:
    claims = found(chunk_of(f"Table 4: R.\n\n{HEAD}{ROWS}{line}\n", kind="table"))
    assert not any("MMLU" in question for question in claims)


def test_two_figures_are_not_compared(chunk_of: MakeChunk) -> None:
    table = f"Table 4: R.\n\n{HEAD}" + "\n".join(ROWS.split("\n")[:2])
    assert found(chunk_of(table, kind="table")) == {}


def test_a_table_that_goes_on_in_the_next_chunk_is_not_compared(chunk_of: MakeChunk) -> None:
    first = chunk_of(TABLE, kind="table", id="1", end=100)
    second = chunk_of(f"{HEAD}| Yi | 76.3 | 7 | 2023 |", kind="table", id="2", start=101, end=130)
    apart = chunk_of(second.text, kind="table", id="2", start=102, end=130)
    assert list(comparison_claims(first, Survey([first, second]))) == []
    assert len(list(comparison_claims(first, Survey([first, apart])))) == 3


def test_two_tables_of_one_name_are_not_compared(chunk_of: MakeChunk) -> None:
    first, second = chunk_of(TABLE, id="1"), chunk_of(TABLE, id="2", document="e" * 16)
    assert list(comparison_claims(first, Survey([first, second]))) == []


def test_every_wording_and_fact_passes_the_checks(chunk_of: MakeChunk) -> None:
    chunk = chunk_of(TABLE, kind="table")
    for claim in comparison_claims(chunk, Survey([chunk])):
        fact = fact_of(claim, chunk)
        assert fact_fault(fact) is None
        assert [question_fault(question_of(fact, "short", 0, text, method="rules")) for text in claim.asked] == [
            None
        ] * 6


def test_the_other_rows_are_the_wrong_answers(chunk_of: MakeChunk) -> None:
    chunk = chunk_of(TABLE, kind="table")
    rivals: dict[str, Claim] = {claim.answer: claim for claim in comparison_claims(chunk, Survey([chunk]))}
    assert set(rivals["GPT-2"].rivals) == {"Falcon", "Qwen2.5"}
