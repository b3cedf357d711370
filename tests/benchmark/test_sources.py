import json
import shutil
from pathlib import Path

import pytest

from loresmith.benchmark.sources import Gathered, gather, is_remote
from loresmith.benchmark.table import chosen
from loresmith.errors import UserError
from tests.benchmark import papers


def gathered(task: str, *data: Path | str, alone: bool = True, shots: int = 0) -> Gathered:
    return gather(chosen([task])[0], [str(entry) for entry in data], alone=alone, shots=shots)


def test_rows_are_counted_against_the_official_split(tmp_path: Path) -> None:
    account = gathered("arc_challenge", papers.arc(tmp_path)).account
    assert (account.split, account.rows, account.official) == ("test", 36, 1172)
    assert account.remarks == ("arc_challenge: 36 of the official 1,172",)
    (read,) = account.files
    assert (read.shape, read.rows, read.kept) == ("AI2 or Hub", 36, 36)


def test_subjects_come_from_the_names_of_the_files_and_missing_ones_are_said(tmp_path: Path) -> None:
    found = gathered("mmlu", papers.mmlu(tmp_path), shots=5)
    assert {item.subject for item in found.exam} == {"anatomy", "astronomy"}
    assert len(found.pool) == 10
    first = "mmlu: 55 of 57 subjects are missing: abstract_algebra, business_ethics, clinical_knowledge, "
    assert found.account.remarks[0].startswith(first)
    assert "mmlu:anatomy: 13 of the official 135" in found.account.remarks


def test_one_subject_is_read_alone(tmp_path: Path) -> None:
    found = gathered("mmlu:astronomy", papers.mmlu(tmp_path), shots=5)
    assert [read.name.rsplit("/", 1)[-1] for read in found.account.files] == ["astronomy_dev.csv", "astronomy_test.csv"]
    assert {item.subject for item in found.exam} == {"astronomy"}


def test_two_files_of_the_same_split_are_refused(tmp_path: Path) -> None:
    path = papers.arc(tmp_path)
    shutil.copy(path, tmp_path / "ARC-Challenge_test.jsonl")
    with pytest.raises(UserError, match=r"Two files hold the test split of arc_challenge: .*Test\.jsonl and"):
        gathered("arc_challenge", tmp_path)


def test_files_of_another_benchmark_are_not_taken_for_this_one(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has arc_easy in its name"):
        gathered("arc_easy", papers.arc(tmp_path / "data"))
    plain = shutil.copy(papers.arc(tmp_path / "data"), tmp_path / "mine.jsonl")
    assert gathered("arc_easy", plain).account.rows == 36
    with pytest.raises(UserError, match="has arc_easy in its name"):
        gathered("arc_easy", plain, alone=False)
    assert gathered("arc_easy", f"arc_easy={plain}", alone=False).account.rows == 36


def test_another_split_serves_where_the_exam_s_is_missing_and_is_named(tmp_path: Path) -> None:
    moved = papers.arc(tmp_path).rename(tmp_path / "ARC-Challenge-Dev.jsonl")
    account = gathered("arc_challenge", moved).account
    assert account.remarks == (
        "the dev split was asked, since the test split is not there",
        "arc_challenge: 36 of the official 299",
    )


def test_rows_that_cannot_be_asked_are_counted_with_their_reason(tmp_path: Path) -> None:
    path = papers.arc(tmp_path)
    good = path.read_text(encoding="utf-8").splitlines()[:3]
    wrong = {**json.loads(good[0]), "answerKey": "Z"}
    path.write_text("\n".join([*good, json.dumps(wrong), '{"text": "no question"}']), encoding="utf-8")
    account = gathered("arc_challenge", path).account
    assert account.rows == 3
    assert account.dropped == {"no right answer among the options": 1, "no known shape (columns: text)": 1}


def test_a_file_without_one_row_to_ask_says_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "sciq.csv"
    path.write_text("question,correct_answer,support\nWhat?,ice,Ice is cold.\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"can be asked as sciq: no known shape \(columns: question, correct_answer"):
        gathered("sciq", path)


def test_equal_questions_keep_names_of_their_own(tmp_path: Path) -> None:
    path = papers.arc(tmp_path)
    line = path.read_text(encoding="utf-8").splitlines()[0]
    path.write_text(f"{line}\n{line}\n", encoding="utf-8")
    assert [item.id for item in gathered("arc_challenge", path).exam] == ["general-0", "general-0-2"]


def test_the_hub_is_needed_for_what_no_path_names(tmp_path: Path) -> None:
    both = chosen(["arc_challenge,gsm8k"])
    assert is_remote(both, [f"arc_challenge={tmp_path}"])
    assert not is_remote(both, [f"arc_challenge={tmp_path}", f"gsm8k={tmp_path}"])
    assert not is_remote(both, [str(tmp_path)])


@pytest.mark.parametrize(
    ("asked", "near"), [("arc_chalenge", "arc_challenge"), ("mmlu:anatmy", "anatomy"), ("gsm8k:hard", "gsm8k")]
)
def test_an_unknown_task_names_the_nearest(asked: str, near: str) -> None:
    with pytest.raises(UserError, match=f"There is no benchmark .* Did you mean '{near}'"):
        chosen([asked])


def test_real_files_are_read_whole(shared_data: Path) -> None:
    folder = shared_data / "eval"
    wanted = {
        "arc_challenge": ("arc", 1150), "gsm8k": ("gsm8k", 1319), "hellaswag": ("hellaswag", 1000),
        "truthfulqa_mc2": ("truthfulqa", 813), "pubmedqa": ("pubmedqa", 1000), "squad": ("squad", 1190),
        "cybermetric": ("security/CyberMetric-500-v1.json", 500), "mmlu": ("mmlu", 1029),
        "openbookqa": ("llm_adapters/openbookqa_test.json", 500),
    }  # fmt: skip
    found = {task: gathered(task, folder / place).account for task, (place, _) in wanted.items()}
    assert {task: account.rows for task, account in found.items()} == {task: n for task, (_, n) in wanted.items()}
    assert all(not account.dropped for account in found.values())
    assert found["arc_challenge"].remarks == ("arc_challenge: 1,150 of the official 1,172",)


def test_mmlu_reads_alike_with_header_and_without(shared_data: Path) -> None:
    folder = shared_data / "eval"
    first, second = (
        gathered("mmlu:computer_security", folder / name, shots=5) for name in ("mmlu", "mmlu_hendrycks_format")
    )
    assert first.exam == second.exam
    assert first.pool == second.pool
