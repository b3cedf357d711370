import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loresmith.domains.accounts import Prepared
from loresmith.domains.places import places, weights
from loresmith.domains.prepare import Order, prepare
from loresmith.errors import NothingKept, UserError
from loresmith.exchange.files import REPORT
from loresmith.exchange.reading import read
from loresmith.progress import finish
from loresmith.recipe import PrepareConfig

WriteLines = Callable[..., Path]
Make = Callable[..., Prepared]


@pytest.fixture
def sciq(lines: WriteLines, sciq_rows: list[dict[str, Any]]) -> Path:
    return lines("sciq/train.jsonl", [*sciq_rows, sciq_rows[0], {"question": "Empty?"}]).parent


@pytest.fixture
def dolly(lines: WriteLines) -> Path:
    rows = [
        {"instruction": f"Say {number}.", "context": "", "response": str(number), "category": "open"}
        for number in range(30)
    ]
    return lines("dolly.jsonl", rows)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def made(mix: str, *given: str, out: str = "out", target: str = "messages", **settings: Any) -> Prepared:
        shares = weights(mix, None)
        order = Order(shares, places(shares, given), target, tmp_path / out)
        return finish(prepare(order, PrepareConfig(**settings)))

    return made


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "train.jsonl").read_text(encoding="utf-8").splitlines()]


def test_a_set_has_its_rows_its_card_its_report_and_counts_that_balance(
    make: Make, sciq: Path, dolly: Path, tmp_path: Path
) -> None:
    prepared = make("biology=2,replay=1", f"sciq={sciq}", f"dolly={dolly}", size=30)
    found = rows(tmp_path / "out")
    assert [row["source"] for row in found].count("sciq") == 20
    assert len({row["id"] for row in found}) == 30
    assert {row["license"] for row in found} == {"cc-by-nc-3.0", "cc-by-sa-3.0"}
    biology, replay = prepared.places
    assert (biology.read, biology.kept, sum(biology.dropped.values())) == (62, 60, 2)
    assert (biology.taken, biology.left_over, replay.left_over) == (20, 40, 20)
    assert prepared.warnings == ()
    report = json.loads((tmp_path / "out" / REPORT).read_text(encoding="utf-8"))
    assert {gone["reason"] for gone in report["dropped"]} == {
        "its question stands in the set already",
        "an empty answer",
    }
    assert len(report["noted"]) == 6
    assert report["noted"][0]["note"] == "the row has no supporting text"
    assert report["settings"]["weights"] == {"biology": 2.0, "replay": 1.0}
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "license: other" in card
    assert "| sciq | sciq | cc-by-nc-3.0 | 62 | 60 | 2 | 20 |" in card
    assert "no commercial use" in card
    assert str(tmp_path) not in card
    assert read(tmp_path / "out").dialogues


def test_the_same_seed_gives_the_same_bytes_and_another_one_another_set(
    make: Make, sciq: Path, dolly: Path, tmp_path: Path
) -> None:
    def digest(out: str, seed: int) -> str:
        make("biology=2,replay=1", f"sciq={sciq}", f"dolly={dolly}", out=out, size=30, seed=seed)
        return hashlib.sha256((tmp_path / out / "train.jsonl").read_bytes()).hexdigest()

    assert digest("one", 1) == digest("two", 1)
    assert digest("one-more", 1) != digest("three", 2)


def test_a_source_that_runs_out_is_named_and_repeats_only_as_often_as_allowed(
    make: Make, sciq: Path, tmp_path: Path
) -> None:
    short = make("biology=1", f"sciq={sciq}", out="short", size=200)
    assert short.warnings == (
        "sciq ran out: 200 were its share, 60 questions are there.",
        "The set has 60 rows, not 200: no question is repeated.",
    )
    twice = make("biology=1", f"sciq={sciq}", out="twice", size=200, max_repeats=2)
    assert (twice.places[0].rows, twice.places[0].repeated) == (120, 60)
    assert len({row["id"] for row in rows(tmp_path / "twice")}) == 120
    assert "stands more than 2 times" in twice.warnings[1]


def test_a_domain_is_filled_from_its_other_sources_and_never_from_another_domain(
    make: Make, sciq: Path, dolly: Path, lines: WriteLines
) -> None:
    own = lines("cells.jsonl", [{"question": f"Cell {n}?", "answer": f"wall {n}"} for n in range(5)])
    prepared = make("biology=1,replay=1", f"sciq={sciq}", f"biology-rows={own}", f"dolly={dolly}", size=100)
    counts = {place.source: place.rows for place in prepared.places}
    assert counts == {"sciq": 45, "biology-rows": 5, "dolly": 30}


def test_a_curriculum_rises_and_a_shuffled_set_does_not(make: Make, sciq: Path, tmp_path: Path) -> None:
    make("biology=1", f"sciq={sciq}", out="easy", size=60, curriculum=True)
    make("biology=1", f"sciq={sciq}", out="any", size=60)
    easy, mixed = ([float(row["difficulty"]) for row in rows(tmp_path / name)] for name in ("easy", "any"))
    assert easy == sorted(easy)
    assert mixed != easy
    assert sorted(mixed) == easy


def test_documents_go_along_for_the_run_that_makes_questions_from_them(make: Make, tmp_path: Path) -> None:
    notes = tmp_path / "notes" / "web"
    notes.mkdir(parents=True)
    (notes / "xss.md").write_text("# XSS\n\n## What is cross-site scripting?\n\nScript in a page.\n")
    (notes / "plain.md").write_text("# Setup\n\nInstall it.\n")
    prepared = make("security=1", f"ctf={tmp_path / 'notes'}", size=5)
    assert prepared.documents == 2
    assert (tmp_path / "out" / "documents" / "ctf" / "web" / "plain.md").read_text() == "# Setup\n\nInstall it.\n"
    assert [row["messages"][-1]["content"] for row in rows(tmp_path / "out")] == ["Script in a page."]
    again = Order({"security": 1.0}, places(["security"], [f"ctf={tmp_path / 'notes'}"]), "messages", tmp_path / "out")
    with pytest.raises(UserError, match="is there already"):
        finish(prepare(again, PrepareConfig(size=5)))
    forced = Order(again.weights, again.places, again.target, again.out, force=True)
    assert finish(prepare(forced, PrepareConfig(size=5))).documents == 2


def test_documents_without_questions_lead_to_the_command_that_makes_them(make: Make, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "plain.md").write_text("# Setup\n\nInstall it.\n")
    with pytest.raises(NothingKept, match="no section asks") as fault:
        make("security=1", f"ctf={tmp_path / 'notes'}")
    assert fault.value.next_step.endswith(f"loresmith init my-expert --documents {tmp_path / 'notes'}")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("target", ["alpaca", "sharegpt", "dolly", "prompt-completion", "axolotl", "llama-factory"])
def test_rows_leave_in_every_kind_of_format(make: Make, sciq: Path, tmp_path: Path, target: str) -> None:
    prepared = make("biology=1", f"sciq={sciq}", target=target, size=10)
    assert prepared.outcome.left_out == {}
    assert sum(prepared.outcome.written.values()) == 10
    assert (tmp_path / "out" / "report.html").is_file()


@pytest.mark.parametrize(("out", "target"), [("out.jsonl", "messages"), ("out", "lm-eval"), ("sciq/out", "messages")])
def test_a_set_that_cannot_be_written_is_refused_before_anything_is_read(
    make: Make, sciq: Path, tmp_path: Path, out: str, target: str
) -> None:
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UserError):
        make("biology=1", f"sciq={sciq}", out=out, target=target)
    assert sorted(tmp_path.rglob("*")) == before


def test_the_page_has_no_script_and_shows_texts_as_texts(make: Make, lines: WriteLines, tmp_path: Path) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    own = lines("<b>x.jsonl", [{"question": "Why?", "options": ["a", "b"], "answer": "a", "topic": hostile}])
    make("biology=1", f"biology-rows={own}", size=1)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert hostile not in page
    assert "&lt;img src=x" in page
    assert "&lt;b&gt;x.jsonl" in page
    assert "<b>" not in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert page.count("<svg") >= 7


def test_sciq_of_its_authors_becomes_a_set_with_evidence(make: Make, shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "eval" / "sciq" / "validation.csv"
    if not source.is_file():
        pytest.skip("the copy of SciQ is not there")
    with pytest.raises(UserError, match="is a validation split"):
        make("biology=1", f"sciq={source}")
    prepared = make("biology=1", f"sciq={source}", size=500, with_validation=True)
    assert prepared.outcome.written == {"train": 500}
    assert prepared.places[0].read == 887 == prepared.places[0].kept + sum(prepared.places[0].dropped.values())
    assert all(row["evidence"] for row in rows(tmp_path / "out"))


@pytest.mark.parametrize(
    ("name", "path"), [("arc", "eval/arc"), ("gsm8k", "eval/gsm8k"), ("security-rows", "eval/mmlu/test")]
)
def test_the_test_splits_of_benchmarks_are_refused(make: Make, shared_data: Path, name: str, path: str) -> None:
    if not (shared_data / path).exists():
        pytest.skip(f"{path} is not there")
    domain = {"arc": "reasoning", "gsm8k": "math", "security-rows": "security"}[name]
    with pytest.raises(UserError, match="is a test split, which is never trained on"):
        make(f"{domain}=1", f"{name}={shared_data / path}")


def test_real_replay_is_read_in_three_formats(make: Make, shared_data: Path) -> None:
    given = {
        "dolly": "instruct/dolly",
        "oasst": "instruct/oasst",
        "alpaca": "instruct/llama_factory/alpaca_en_demo.json",
    }
    if not all((shared_data / path).exists() for path in given.values()):
        pytest.skip("the copies of dolly, oasst and alpaca are not there")
    prepared = make("replay=1", *(f"{name}={shared_data / path}" for name, path in given.items()), size=300)
    assert {place.source: place.rows for place in prepared.places} == {"dolly": 100, "oasst": 100, "alpaca": 100}


def test_real_security_notes_give_their_own_questions_and_go_along(
    make: Make, shared_data: Path, tmp_path: Path
) -> None:
    archive = shared_data / "text" / "owasp_cheatsheets_md.tar.gz"
    if not archive.is_file():
        pytest.skip("the copy of the OWASP cheat sheets is not there")
    shutil.unpack_archive(archive, tmp_path / "owasp", filter="data")
    prepared = make("security=1", f"ctf={tmp_path / 'owasp'}", size=5)
    assert prepared.documents > 100
    assert all(row["messages"][1]["content"].endswith("?") for row in rows(tmp_path / "out"))
