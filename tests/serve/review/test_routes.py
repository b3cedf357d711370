import json
import shutil
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from loresmith.decisions import REVIEW
from loresmith.failures.failed import FAILURES, Failure, write_failures
from loresmith.pipeline import Project
from loresmith.review.session import Review
from loresmith.serve.access import Access
from loresmith.serve.review.site import create_review_site
from tests.review.workshop import VICE, entry_of, made, questions_of
from tests.serve.librarian import Site, served
from tests.serve.review.hostile import HOSTILE, HOSTILE_QUESTION

SECRET = "open-sesame-42"


def post(site: Site, **decision: Any) -> httpx.Response:
    return httpx.post(f"{site.url}/review/decisions", json=decision)


@pytest.fixture
def key(workshop: Project) -> str:
    return entry_of(Review(workshop.path), VICE).row.key


def test_the_page_shows_cards_with_their_quote_marked_and_how_far_it_is(site: Site, workshop: Project) -> None:
    answer = httpx.get(f"{site.url}/", follow_redirects=True)
    assert answer.url.path == "/review"
    assert answer.text.count('<article class="card') == 25
    assert f"0 of {len(questions_of(workshop))} decided" in answer.text
    assert "<mark>A bench vice holds 40 kg.</mark>" in answer.text
    assert "<figcaption>bench.md" in answer.text


def test_the_page_loads_nothing_from_elsewhere_and_has_no_rights_beyond_its_own(site: Site) -> None:
    answer = httpx.get(f"{site.url}/review")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy
    assert "http" not in policy + answer.text
    for name, kind in (("review.css", "text/css"), ("review.js", "text/javascript")):
        file = httpx.get(f"{site.url}/review/{name}")
        assert file.headers["content-type"].startswith(kind)
        assert "http" not in file.text


def test_filters_narrow_the_list_and_stay_on_the_next_page(site: Site, workshop: Project) -> None:
    rows = questions_of(workshop)
    cells = sum(row.kind == "cell" and row.form == "short" for row in rows)
    text = httpx.get(f"{site.url}/review", params={"kind": "cell", "form": "short"}).text
    assert f"{cells} of {len(rows)} questions" in text
    assert httpx.get(f"{site.url}/review", params={"form": "short"}).text.count("?form=short&amp;start=") == 1
    assert "No question fits." in httpx.get(f"{site.url}/review", params={"verdict": "edit"}).text
    assert httpx.get(f"{site.url}/review", params={"start": "-1"}).status_code == 400


def test_a_decision_is_on_the_disk_when_it_is_answered(site: Site, workshop: Project, key: str) -> None:
    told = post(site, key=key, verdict="reject", reason="  too\neasy ").json()
    assert (told["progress"], told["decided"], told["is_applied"]) == (
        f"1 of {len(questions_of(workshop))} decided",
        1,
        False,
    )
    assert 'class="card reject"' in told["card"]
    assert told["before"] == {"key": key, "verdict": "undecided"}
    (line,) = map(json.loads, (workshop.path / REVIEW).read_text(encoding="utf-8").splitlines())
    assert (line["key"], line["verdict"], line["about"], line["reason"]) == (key, "reject", VICE, "too easy")
    assert line["at"].endswith("+00:00")


def test_what_was_there_before_comes_back_when_it_is_posted_again(site: Site, workshop: Project, key: str) -> None:
    new = "How many kg does the vice of “The bench” hold?"
    post(site, key=key, verdict="edit", question=new, answer="40 kg", reason="shorter")
    before = post(site, key=key, verdict="accept").json()["before"]
    assert before == {"key": key, "verdict": "edit", "question": new, "answer": "40 kg", "reason": "shorter"}
    post(site, **before)
    assert entry_of(Review(workshop.path), VICE).question.question == new


def test_a_refused_edit_says_which_check_it_fails_and_is_not_kept(site: Site, workshop: Project, key: str) -> None:
    answer = post(site, key=key, verdict="edit", answer="41 kg")
    assert answer.status_code == 400
    assert "number of the answer is not in the quote" in answer.json()["error"]["message"]
    assert not (workshop.path / REVIEW).exists()


@pytest.mark.parametrize(
    "decision",
    [
        {"key": "0" * 16, "verdict": "accept"},
        {"verdict": "accept"},
        {"key": "k", "verdict": "maybe"},
        {"key": "k", "verdict": "accept", "extra": 1},
        {"key": "k" * 65, "verdict": "accept"},
        {"key": "k", "verdict": "reject", "reason": "x" * 2001},
    ],
)
def test_a_decision_that_is_none_is_refused_and_not_kept(
    site: Site, workshop: Project, decision: dict[str, Any]
) -> None:
    assert post(site, **decision).status_code == 400
    assert not (workshop.path / REVIEW).exists()


def test_half_a_surrogate_pair_is_refused_since_no_file_holds_it(site: Site, workshop: Project, key: str) -> None:
    body = json.dumps({"key": key, "verdict": "reject", "reason": "\ud83d"})
    answer = httpx.post(f"{site.url}/review/decisions", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert not (workshop.path / REVIEW).exists()


def test_a_page_elsewhere_decides_nothing(site: Site, workshop: Project, key: str) -> None:
    body = {"key": key, "verdict": "reject"}
    for headers in ({"origin": "https://evil.example"}, {"content-type": "text/plain"}, {"host": "evil.example"}):
        sent = {"content-type": "application/json", **headers}
        answer = httpx.post(f"{site.url}/review/decisions", content=json.dumps(body), headers=sent)
        assert answer.status_code in (403, 415, 421)
    assert httpx.get(f"{site.url}/review/decisions", params=body).status_code == 405
    assert not (workshop.path / REVIEW).exists()


@pytest.fixture
def locked(workshop: Project) -> Iterator[Site]:
    with served(create_review_site(workshop, Access("0.0.0.0", SECRET))) as running:
        yield running


def test_behind_a_key_a_reviewer_signs_in_first(locked: Site, workshop: Project, key: str) -> None:
    decision = {"key": key, "verdict": "accept"}
    assert httpx.get(f"{locked.url}/review").status_code == 401
    assert httpx.post(f"{locked.url}/review/decisions", json=decision).status_code == 401
    with httpx.Client(base_url=locked.url, follow_redirects=True) as browser:
        assert browser.get("/review", headers={"accept": "text/html"}).url.path == "/sign-in"
        assert browser.post("/sign-in", data={"key": SECRET}).url.path == "/review"
        assert browser.post("/review/decisions", json=decision).status_code == 200
    assert Review(workshop.path).count().accept == 1


def test_what_an_exam_got_wrong_is_marked_and_can_be_filtered(site: Site, workshop: Project) -> None:
    assert 'name="exam"' not in httpx.get(f"{site.url}/review").text
    row = entry_of(Review(workshop.path), VICE).row.question
    another = next(one for one in questions_of(workshop) if one.fact != row.fact)
    kept = {name: getattr(row, name) for name in ("fact", "document", "source", "page", "kind", "form", "answer")}
    told = {"exam": "recall", "arm": "lora+rag", "section": "", "given": "<b>9 kg</b>", "reason": "answered wrong"}
    failure = Failure.model_validate({**kept, **told, "question": row.id, "asked": row.question})
    other = failure.model_copy(update={"question": another.id, "asked": "Words that nobody asks any more?"})
    write_failures(workshop.path / FAILURES, (failure, other))
    text = httpx.get(f"{site.url}/review", params={"exam": "failed"}).text
    assert text.count('<article class="card') == 1
    assert "recall exam, lora+rag</span>\n&lt;b&gt;9 kg&lt;/b&gt; — answered wrong" in text
    assert 'name="exam"' in text


def test_questions_that_are_made_anew_are_shown_without_a_restart(site: Site, workshop: Project, key: str) -> None:
    post(site, key=key, verdict="reject")
    assert 'id="pending">' in httpx.get(f"{site.url}/review").text
    made(workshop)
    text = httpx.get(f"{site.url}/review").text
    assert 'id="pending" hidden>' in text
    assert f'<article class="card reject" id="q-{key}"' in text


def test_before_there_are_questions_the_verb_is_named(site: Site, workshop: Project) -> None:
    shutil.rmtree(workshop.path / "questions")
    answer = httpx.get(f"{site.url}/review")
    assert answer.status_code == 400
    assert "loresmith generate" in answer.json()["error"]["message"]


def test_the_site_of_a_finished_expert_has_the_review_too(plant: Site) -> None:
    answer = httpx.get(f"{plant.url}/review")
    assert answer.status_code == 200
    assert "the burner is" in answer.text.lower()
    assert "Review of questions" in httpx.get(f"{plant.url}/").text


def test_words_of_documents_and_reviewers_are_never_markup(hostile: Project) -> None:
    key = entry_of(Review(hostile.path), HOSTILE_QUESTION).row.key
    with served(create_review_site(hostile, Access())) as site:
        card = post(site, key=key, verdict="edit", question=f"Why {HOSTILE}?", reason=HOSTILE).json()["card"]
        page = httpx.get(f"{site.url}/review").text
    for text in (card, page):
        assert text.count("&lt;img src=x") >= 4
        assert "<img" not in text
    assert page.count("<script") == 1
