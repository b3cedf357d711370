import json
import threading
from pathlib import Path

import pytest

from loresmith.blind.contest import drawn, folder_of, save, sitter
from loresmith.blind.session import Session
from loresmith.errors import UserError
from loresmith.pipeline import Project
from tests.blind.ballot import examined

SAID = {"base": ["6 rpm"] * 8, "lora": ["6 bar"] * 8}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return examined(tmp_path_factory.mktemp("session") / "project", SAID)


@pytest.fixture
def session(project: Project, tmp_path: Path) -> Session:
    sides = sitter(project.path, "base", "base"), sitter(project.path, "lora", "lora")
    save(folder_of(tmp_path, "c"), drawn("c", *sides, seed=3, most=8))
    return Session(folder_of(tmp_path, "c"))


def judge(session: Session, rater: str, pairs: int) -> None:
    for _ in range(pairs):
        shown = session.next_for(rater)
        assert shown is not None
        session.vote(shown.pair.key, rater, "left" if shown.left == "6 bar" else "right")


def test_a_session_goes_on_where_it_stopped_and_lifts_the_sides(session: Session) -> None:
    judge(session, "anna", 3)
    again = Session(session.folder)
    shown = again.next_for("anna")
    assert shown is not None and (shown.number, shown.total) == (4, 8)
    assert (again.left_over(), again.is_over) == ({"anna": 5}, False)
    judge(again, "anna", 5)
    assert again.next_for("anna") is None
    assert again.is_over
    assert {vote.outcome for vote in again.votes()} == {"b"}
    assert {vote.vote for vote in again.votes()} == {"left", "right"}


def test_a_vote_on_the_same_pair_takes_the_place_of_the_one_before(session: Session) -> None:
    judge(session, "anna", 2)
    last = session.last_of("anna")
    assert last is not None and last.number == 2
    session.vote(last.pair.key, "anna", "tie")
    assert [vote.outcome for vote in session.votes()] == ["b", "tie"]
    assert len((session.folder / "votes.jsonl").read_text(encoding="utf-8").splitlines()) == 3


def test_a_second_rater_who_began_keeps_the_contest_open(session: Session) -> None:
    judge(session, "anna", 8)
    judge(session, "béla", 1)
    assert not session.is_over
    judge(session, "béla", 7)
    assert session.is_over


def test_a_half_written_vote_is_passed_over_and_a_false_one_is_named(session: Session) -> None:
    judge(session, "anna", 1)
    with (session.folder / "votes.jsonl").open("ab") as file:
        file.write(b'{"key": "ab')
    judge(session, "anna", 1)
    assert len(session.votes()) == 2
    with (session.folder / "votes.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"key": "x", "vote": "maybe"}) + "\n")
    with pytest.raises(UserError, match="line 4 is no vote"):
        session.votes()


def test_two_raters_at_once_lose_no_vote(session: Session) -> None:
    raters = [threading.Thread(target=judge, args=(session, name, 8)) for name in ("anna", "béla")]
    for rater in raters:
        rater.start()
    for rater in raters:
        rater.join()
    assert session.left_over() == {"anna": 0, "béla": 0}


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "\x1b[2J"])
def test_a_rater_has_a_name(session: Session, name: str) -> None:
    with pytest.raises(UserError, match="needs a name"):
        session.vote(session.contest.pairs[0].key, name, "tie")


def test_a_pair_of_another_contest_is_refused(session: Session) -> None:
    with pytest.raises(UserError, match="not in the contest"):
        session.vote("0" * 16, "anna", "tie")
    assert session.votes() == []
