import copy
import json
from pathlib import Path
from typing import Any

import pytest

from loresmith.domains.cve import cve_questions
from loresmith.errors import UserError
from tests.domains.conftest import questions, reasons


@pytest.fixture
def store(tmp_path: Path, cve: dict[str, Any]) -> Path:
    """A folder as the CVE list has it, of 20 records."""
    folder = tmp_path / "cves" / "2031" / "1xxx"
    folder.mkdir(parents=True)
    for number in range(1000, 1020):
        record = copy.deepcopy(cve)
        record["cveMetadata"]["cveId"] = f"CVE-2031-{number}"
        (folder / f"CVE-2031-{number}.json").write_text(json.dumps(record))
    return tmp_path / "cves"


def test_each_record_gives_its_questions_with_the_record_as_evidence(store: Path) -> None:
    found = questions(cve_questions(store, 100, 1))[:6]
    assert [(asked.question.partition("?")[0], asked.answer) for asked in found] == [
        ("Which product does CVE-2031-1000 affect", "Acme Valve Server"),
        ("Which weakness is CVE-2031-1000 assigned to", "CWE-787 (Out-of-bounds Write)"),
        ("Which weakness (CWE) does this vulnerability show", "CWE-787 (Out-of-bounds Write)"),
        ("How severe is CVE-2031-1000 by its CVSS 3.1 base score", "critical"),
        ("When was CVE-2031-1000 published", "5 April 2031"),
        ("What is CVE-2031-1000", "A buffer overflow in Valve Server allows remote code execution."),
    ]
    assert found[3].options == ("low", "medium", "high", "critical")
    for line in ("CVE-2031-1000", "Published: 5 April 2031", "Versions of Acme Valve Server: 2.0 before 2.4.1"):
        assert line in found[0].evidence.splitlines()
    assert {asked.topic for asked in found} == {"CWE-787"}


def test_the_id_does_not_give_away_which_record_a_description_is_from(store: Path, cve: dict[str, Any]) -> None:
    cve["containers"]["cna"]["descriptions"] = [{"lang": "en", "value": "CVE-2031-1234 is an overflow."}]
    path = store / "one.json"
    path.write_text(json.dumps([cve]))
    shown = next(asked for asked in questions(cve_questions(path, 9, 1)) if "(CWE)" in asked.question)
    assert shown.question.endswith("show? the vulnerability is an overflow.")


def test_a_sample_of_a_large_list_is_drawn_by_the_seed(store: Path) -> None:
    def places(seed: int) -> list[str]:
        return sorted({asked.place for asked in questions(cve_questions(store, 5, seed))})

    assert len(places(1)) == 5
    assert places(1) == places(1)
    assert places(1) != places(2)
    assert reasons(cve_questions(store, 5, 1)) == ["15 of 20 files were left unread; the seed decides which"]


def test_a_damaged_file_costs_that_record_alone(store: Path) -> None:
    (store / "2031" / "1xxx" / "CVE-2031-1003.json").write_text("{")
    assert reasons(cve_questions(store, 100, 1)) == ["no CVE record in JSON 5"]
    assert len({asked.place for asked in questions(cve_questions(store, 100, 1))}) == 19


def test_a_folder_without_records_is_an_error_that_says_what_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no CVE-\*\.json files"):
        list(cve_questions(tmp_path, 10, 1))
