from collections.abc import Callable
from pathlib import Path

import pytest

from loresmith.contamination.benchmark_files import NoQuestions, benchmark_files, items_of
from loresmith.errors import UserError

WriteBenchmark = Callable[..., Path]


def test_files_are_named_without_the_place_where_they_lie(write_benchmark: WriteBenchmark, tmp_path: Path) -> None:
    one = write_benchmark([{"question": "Q?"}], "a/test.jsonl")
    write_benchmark("question,answer\nQ?,1\n", "b/inner/dev.csv")
    write_benchmark([{"question": "Q?"}], "b/.hidden/test.jsonl")
    write_benchmark("No benchmark.", "b/README.md")
    assert list(benchmark_files([one, tmp_path / "b"])) == ["a/test.jsonl", "b/inner/dev.csv"]


def test_two_files_of_one_name_stay_two(write_benchmark: WriteBenchmark, tmp_path: Path) -> None:
    one, two = (write_benchmark([{"question": "Q?"}], f"{side}/mmlu/test.jsonl") for side in "ab")
    assert benchmark_files([one, two, one]) == {"mmlu/test.jsonl": one, "mmlu/test.jsonl (2)": two}


def test_a_table_without_a_header_loses_no_item(write_benchmark: WriteBenchmark) -> None:
    path = write_benchmark('"Which, then?",one,two,A\nAnd which?,one,two,B\n', "mmlu/test.csv")
    first, second = items_of("mmlu/test.csv", path)
    assert (first.place, first.questions, first.choices) == ("mmlu/test.csv, line 1", ("Which, then?",), ("one", "two"))
    assert second.answers == ("B",)


def test_a_table_with_a_header_and_tabs_is_read(write_benchmark: WriteBenchmark) -> None:
    path = write_benchmark("URL\tQuestion\tOption A\tGT\nx\tWhich, then?\tone\tA\n", "cti/mcq.tsv")
    (item,) = items_of("cti/mcq.tsv", path)
    assert (item.place, item.questions, item.choices) == ("cti/mcq.tsv, line 2", ("Which, then?",), ("one",))


def test_a_saved_folder_stands_for_its_rows(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    datasets.Dataset.from_list([{"question": "Q?", "choices": ["a"]}]).save_to_disk(str(tmp_path / "saved"))
    ((name, path),) = benchmark_files([tmp_path / "saved"]).items()
    assert [item.questions for item in items_of(name, path)] == [("Q?",)]


def test_parquet_is_read(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    datasets.Dataset.from_list([{"question": "Q?", "choices": ["a"]}]).to_parquet(str(tmp_path / "test.parquet"))
    assert [item.choices for item in items_of("t", tmp_path / "test.parquet")] == [("a",)]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x/a.jsonl", [{"doc_name": "x", "company": "y"}], "columns: doc_name, company"),
        ("x/a.json", {"one": {"company": "y"}}, "columns: one"),
        ("x/a.csv", "company\ny\n", "line 1: neither a header that names a question"),
    ],
)
def test_a_file_without_questions_is_refused_with_its_columns(
    write_benchmark: WriteBenchmark, name: str, content: object, told: str
) -> None:
    with pytest.raises(NoQuestions, match=told):
        list(items_of("a", write_benchmark(content, name)))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x/a.json", '{"question": ', "line 1 is not JSON"),
        ("x/a.csv", 'question,answer\n"Q?,1\n', "no UTF-8 table"),
        ("x/a.txt", "Q?", "no file of rows"),
    ],
)
def test_a_damaged_or_foreign_file_is_an_error_that_names_it(
    write_benchmark: WriteBenchmark, name: str, content: str, told: str
) -> None:
    path = write_benchmark(content, name)
    with pytest.raises(UserError, match=told) as caught:
        list(items_of("a", path))
    assert str(path) in caught.value.problem


def test_a_place_with_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no benchmark at"):
        benchmark_files([tmp_path / "gone"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds no file"):
        benchmark_files([tmp_path / "empty"])
