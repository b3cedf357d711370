import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from loresmith.cli.dataset import command
from loresmith.cli.dataset_prepare import FORMATS
from loresmith.domains.prepare import TRAINING_TARGETS
from loresmith.domains.table import DOMAINS
from loresmith.errors import UserError

Prepare = Callable[..., Result]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    rows = [{"question": f"Organ {n}?", "correct_answer": f"organ {n}", "support": ""} for n in range(8)]
    path = tmp_path / "sciq.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def prepare(tmp_path: Path) -> Prepare:
    def invoke(*words: object, out: str = "out") -> Result:
        return CliRunner().invoke(command, ["prepare", *map(str, words), "--out", str(tmp_path / out)])

    return invoke


def test_it_says_what_was_read_kept_missing_and_written(prepare: Prepare, source: Path, tmp_path: Path) -> None:
    shown = prepare("--domain", "biology", "--size", 10, "--from", f"sciq={source}").stdout
    assert f"sciq (cc-by-nc-3.0): {source}" in shown
    assert "8 read = 8 kept + 0 dropped; 8 rows" in shown
    assert "note: the row has no supporting text (8)" in shown
    assert "warning: sciq ran out: 10 were its share, 8 questions are there." in shown
    assert f"8 rows → {tmp_path / 'out'} as messages; see report.html" in shown
    assert shown.rstrip().endswith(f"Next: loresmith dataset inspect {tmp_path / 'out'}")


def test_json_is_one_document_and_nothing_else(prepare: Prepare, source: Path) -> None:
    done = prepare("--domain", "biology", "--size", 4, "--from", f"sciq={source}", "--json")
    told = json.loads(done.stdout)
    assert told["outcome"]["written"] == {"train": 4}
    assert told["places"][0]["kept"] == 8
    assert told["coverage"]["rows"] == 4
    assert done.stderr == ""


def test_an_unknown_domain_lists_the_known_ones(prepare: Prepare) -> None:
    fault = prepare("--domain", "botany").exception
    assert isinstance(fault, UserError)
    assert fault.exit_code == 2
    assert all(domain in fault.next_step for domain in DOMAINS)


def test_a_setting_out_of_range_is_an_error_before_anything_is_read(prepare: Prepare, source: Path) -> None:
    fault = prepare("--domain", "biology", "--from", f"sciq={source}", "--size", 0).exception
    assert isinstance(fault, UserError)
    assert "size" in fault.problem


def test_the_help_names_every_domain_and_the_formats_are_those_of_training() -> None:
    shown = " ".join(CliRunner().invoke(command, ["prepare", "--help"]).stdout.split())
    assert "biology, history, security, math or reasoning" in shown
    assert DOMAINS == ("biology", "history", "security", "math", "reasoning")
    assert list(TRAINING_TARGETS) == FORMATS
