import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from loresmith.blind.contest import drawn, folder_of, save, sitter
from loresmith.blind.session import Session
from loresmith.pipeline import Project
from loresmith.serve.access import Access
from loresmith.serve.blind.site import create_blind_site
from tests.blind.ballot import HOSTILE, examined
from tests.serve.librarian import Site, served

SECRET = "open-sesame-42"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Three pairs, one answer of each a tag."""
    project = examined(tmp_path / "project", {"base": [HOSTILE] * 3, "lora": ["6 bar", "", "8 bar"]})
    sides = sitter(project.path, "base", "base"), sitter(project.path, "lora", "lora")
    save(folder_of(project.path, "c"), drawn("c", *sides, seed=3, most=8))
    return project


@pytest.fixture
def session(project: Project) -> Session:
    return Session(folder_of(project.path, "c"))


@pytest.fixture
def site(project: Project) -> Iterator[Site]:
    with served(create_blind_site(project, Access())) as running:
        yield running


def page(site: Site, **query: str) -> str:
    return httpx.get(f"{site.url}/blind/c", params=query).text


def post(site: Site, **vote: str) -> httpx.Response:
    return httpx.post(f"{site.url}/blind/c/votes", json=vote)


def key_of(session: Session, rater: str = "anna") -> str:
    shown = session.next_for(rater)
    assert shown is not None
    return shown.pair.key


def test_from_the_name_over_every_pair_to_who_was_who(site: Site, session: Session) -> None:
    first = httpx.get(f"{site.url}/", follow_redirects=True)
    assert first.url.path == "/blind/c"
    assert 'name="rater"' in first.text and 'class="pair"' not in first.text
    for number in range(3):
        shown = page(site, rater="anna")
        assert f"{number} of 3 judged" in shown
        assert "lora" not in shown and "base" not in shown.replace("baseline", "")
        assert post(site, key=key_of(session), rater="anna", vote="tie").json() == {"left": 2 - number}
    end = page(site, rater="anna")
    assert "Between base and lora the votes decide nothing." in end
    assert "lora wins 50.0%" in end


def test_who_was_who_waits_for_every_rater_that_began(site: Site, session: Session) -> None:
    post(site, key=key_of(session, "béla"), rater="béla", vote="left")
    for _ in range(3):
        post(site, key=key_of(session), rater="anna", vote="left")
    assert "when the others are done" in page(site, rater="anna")


def test_the_last_pair_can_be_judged_again(site: Site, session: Session) -> None:
    key = key_of(session)
    post(site, key=key, rater="anna", vote="bad")
    assert f'data-key="{key}"' not in page(site, rater="anna")
    assert f'data-key="{key}"' in page(site, rater="anna", again="true")


def test_words_of_models_and_raters_are_never_markup_and_nothing_comes_from_elsewhere(site: Site) -> None:
    answer = httpx.get(f"{site.url}/blind/c", params={"rater": "<b onclick=x>"})
    assert "&lt;img src=x" in answer.text and "&lt;b onclick" in answer.text
    assert "<img" not in answer.text and "<b onclick" not in answer.text
    assert answer.text.count("<script") == 1
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy and "http" not in policy + answer.text
    for name in ("blind.css", "blind.js"):
        file = httpx.get(f"{site.url}/blind/{name}")
        assert file.status_code == 200 and "http" not in file.text


@pytest.mark.parametrize(
    "vote",
    [
        {"key": "0" * 16, "rater": "anna", "vote": "tie"},
        {"rater": "anna", "vote": "tie"},
        {"rater": "anna", "vote": "maybe"},
        {"rater": "", "vote": "tie"},
        {"rater": "x" * 61, "vote": "tie"},
        {"rater": "anna", "vote": "tie", "left": "a"},
    ],
)
def test_a_vote_that_is_none_is_refused_and_not_kept(site: Site, session: Session, vote: dict[str, str]) -> None:
    own = {} if vote == {"rater": "anna", "vote": "tie"} else {"key": key_of(session)}
    assert post(site, **(own | vote)).status_code == 400
    assert session.votes() == []


def test_a_page_elsewhere_votes_nothing(site: Site, session: Session) -> None:
    body = json.dumps({"key": key_of(session), "rater": "anna", "vote": "tie"})
    for headers in ({"origin": "https://evil.example"}, {"content-type": "text/plain"}, {"host": "evil.example"}):
        sent = {"content-type": "application/json", **headers}
        answer = httpx.post(f"{site.url}/blind/c/votes", content=body, headers=sent)
        assert answer.status_code in (403, 415, 421)
    assert session.votes() == []


def test_behind_a_key_a_rater_signs_in_first(project: Project, session: Session) -> None:
    vote = {"key": key_of(session), "rater": "anna", "vote": "tie"}
    with served(create_blind_site(project, Access("0.0.0.0", SECRET))) as locked:
        assert httpx.get(f"{locked.url}/blind/c").status_code == 401
        assert httpx.post(f"{locked.url}/blind/c/votes", json=vote).status_code == 401
        with httpx.Client(base_url=locked.url, follow_redirects=True) as browser:
            assert browser.post("/sign-in", data={"key": SECRET}).url.path == "/blind/c"
            assert browser.post("/blind/c/votes", json=vote).status_code == 200
    assert len(session.votes()) == 1


def test_a_contest_that_is_not_there_is_said(site: Site, project: Project) -> None:
    assert httpx.get(f"{site.url}/blind/other").status_code == 400
    assert httpx.get(f"{site.url}/blind/..%2f..%2fexam").status_code in (400, 404)
    (folder_of(project.path, "c") / "pairs.json").unlink()
    answer = httpx.get(f"{site.url}/", follow_redirects=True)
    assert "loresmith blind" in answer.json()["error"]["message"]
