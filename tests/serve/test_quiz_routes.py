from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from loresmith.pipeline import Project
from loresmith.quiz.bank import Bank
from loresmith.quiz.book import Book
from loresmith.quiz.demand import Drawn
from loresmith.quiz.start import start
from loresmith.serve.faults import Refused, translate_faults
from loresmith.serve.quiz_routes import Sessions, Study, quiz_routes
from tests.serve.librarian import Site, served


@pytest.fixture(scope="module")
def bank(project: Project) -> Bank:
    return Bank.open(project.path)


@pytest.fixture(scope="module")
def site(bank: Bank) -> Iterator[Site]:
    app = FastAPI()
    translate_faults(app)
    app.include_router(quiz_routes(bank, 3))
    with served(app) as running:
        yield running


@pytest.fixture
def client(site: Site) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, timeout=20) as opened:
        yield opened


def right(bank: Bank, question: dict[str, Any]) -> str:
    """The right option, which only the bank knows."""
    words = set(question["options"].values())
    return next(
        one.answer for one in bank._questions if one.question == question["question"] and set(one.options) == words
    )


def played(client: httpx.Client, bank: Bank, quiz: dict[str, Any], *, well: bool) -> dict[str, Any]:
    """The state after every question was answered rightly, or wrongly."""
    while quiz["question"]:
        answer = right(bank, quiz["question"])
        wrong = next(option for option in quiz["question"]["options"].values() if option != answer)
        quiz = client.post(f"/quiz/{quiz['id']}/answer", json={"option": answer if well else wrong}).json()
    return quiz


def test_a_quiz_runs_from_the_first_question_to_the_result(client: httpx.Client, bank: Bank) -> None:
    begun = client.post("/quiz", json={"count": 4})
    assert begun.status_code == 201
    quiz = begun.json()
    assert (quiz["total"], quiz["score"], quiz["question"]["number"], quiz["result"]) == (4, 0, 1, None)
    ended = played(client, bank, quiz, well=True)
    assert (ended["score"], ended["question"]) == (4, None)
    assert (ended["result"]["right"], ended["result"]["mistakes"]) == (4, [])
    assert client.get(f"/quiz/{quiz['id']}").json()["result"]["asked"] == 4


def test_the_right_answer_leaves_only_after_the_reply(client: httpx.Client, bank: Bank) -> None:
    quiz = client.post("/quiz", json={"seed": 5}).json()
    assert set(quiz["question"]) == {"number", "question", "options"}
    assert set(client.get(f"/quiz/{quiz['id']}").json()["question"]) == {"number", "question", "options"}
    answer = right(bank, quiz["question"])
    letter = next(letter for letter, option in quiz["question"]["options"].items() if option != answer)
    said = client.post(f"/quiz/{quiz['id']}/answer", json={"option": letter.lower()}).json()["feedback"]
    assert (said["correct"], said["answer"]) == (False, answer)
    assert said["quote"] in said["passage"]
    assert said["source"] in ("pumps.md", "boilers.md")


def test_documents_are_chosen_and_the_weak_ones_asked_again(client: httpx.Client, bank: Bank) -> None:
    quiz = client.post("/quiz", json={"documents": ["pumps.md"], "count": 2}).json()
    ended = played(client, bank, quiz, well=False)
    assert ended["result"]["weak"] == ["pumps.md"]
    other = client.post("/quiz", json={"weak_of": quiz["id"], "documents": ["boilers.md"]})
    assert (other.status_code, other.json()["error"]["code"]) == (400, "no_weak_topics")
    again = client.post("/quiz", json={"weak_of": quiz["id"], "count": 50}).json()
    topics = played(client, bank, again, well=True)["result"]["topics"]
    assert [topic["source"] for topic in topics] == ["pumps.md"]
    nothing = client.post("/quiz", json={"weak_of": again["id"]})
    assert (nothing.status_code, nothing.json()["error"]["code"]) == (400, "no_weak_topics")


def test_the_same_seed_asks_the_same_and_the_documents_are_told(client: httpx.Client) -> None:
    one, other = (client.post("/quiz", json={"seed": 9}).json()["question"] for _ in range(2))
    assert one == other
    assert set(client.get("/quiz").json()["documents"]) == {"pumps.md", "boilers.md"}


def test_sections_are_told_and_chosen(client: httpx.Client, bank: Bank) -> None:
    assert {"Valves", "Pumps"} <= set(client.get("/quiz").json()["sections"])
    quiz = client.post("/quiz", json={"sections": ["Valves"], "count": 100, "seed": 1}).json()
    told = {one.question for one in bank._questions if "Valves" in bank._headings[one.chunk]}
    assert 0 < quiz["total"] <= bank.sections["Valves"]
    while quiz["question"]:
        assert quiz["question"]["question"] in told
        quiz = client.post(f"/quiz/{quiz['id']}/answer", json={"option": "A"}).json()
    nothing = client.post("/quiz", json={"sections": ["Valves"], "documents": ["boilers.md"]})
    assert (nothing.status_code, "nothing to ask" in nothing.json()["error"]["message"]) == (400, True)
    assert client.post("/quiz", json={"sections": ["Nowhere"]}).status_code == 400


def test_an_answer_sent_twice_counts_once_and_a_wrong_one_changes_nothing(client: httpx.Client) -> None:
    quiz = client.post("/quiz", json={}).json()
    answer = {"option": "A", "number": 1}
    assert client.post(f"/quiz/{quiz['id']}/answer", json=answer).status_code == 200
    assert client.post(f"/quiz/{quiz['id']}/answer", json=answer).status_code == 409
    assert client.post(f"/quiz/{quiz['id']}/answer", json={"option": "no such"}).status_code == 400
    assert client.get(f"/quiz/{quiz['id']}").json()["question"]["number"] == 2
    assert client.delete(f"/quiz/{quiz['id']}").status_code == 204
    assert client.get(f"/quiz/{quiz['id']}").status_code == 404


@pytest.mark.parametrize(
    "body", [{"documents": ["nowhere.md"]}, {"count": 0}, {"count": 1000}, {"seed": -1}, {"unknown": 1}, []]
)
def test_a_quiz_that_cannot_be_is_refused(client: httpx.Client, body: Any) -> None:
    answer = client.post("/quiz", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_who_is_idle_for_long_or_longest_when_there_are_too_many_is_let_go(bank: Bank) -> None:
    now = [0.0]
    sessions, quiz = Sessions(most=2, idle_seconds=10, clock=lambda: now[0]), start(bank, 1)
    first, second = sessions.begin(quiz), sessions.begin(quiz)
    now[0] = 5
    sessions.put(first, quiz)
    third = sessions.begin(quiz)  # the second was idle for longest
    assert len(sessions) == 2
    with pytest.raises(Refused):
        sessions.get(second)
    now[0] = 15.5
    with pytest.raises(Refused):
        sessions.get(first)
    with pytest.raises(Refused):
        sessions.get(third)


def test_without_questions_the_verb_is_named() -> None:
    app = FastAPI()
    translate_faults(app)
    app.include_router(quiz_routes(None, 3))
    with served(app) as site:
        answer = httpx.post(f"{site.url}/quiz", json={})
    assert answer.status_code == 404
    assert "loresmith generate" in answer.json()["error"]["message"]


@pytest.fixture
def kept(bank: Bank, tmp_path: Path) -> Iterator[httpx.Client]:
    """A server that keeps what named learners answer."""
    app = FastAPI()
    translate_faults(app)
    app.include_router(quiz_routes(bank, 3, book=Book(tmp_path)))
    with served(app) as running, httpx.Client(base_url=running.url, timeout=20) as opened:
        yield opened


def test_what_a_learner_answered_decides_what_is_weak_and_due(kept: httpx.Client, bank: Bank) -> None:
    asked = {"learner": "ada", "documents": ["pumps.md"], "count": 2, "seed": 4}
    played(kept, bank, kept.post("/quiz", json=asked).json(), well=False)
    told = kept.get("/quiz", params={"learner": "ada"}).json()["learner"]
    assert told == {"answered": 2, "right": 0, "weak": ["pumps.md"], "due": 2}
    again = kept.post("/quiz", json={"learner": "ada", "due": True, "count": 50}).json()
    assert again["total"] == 2
    assert {topic["source"] for topic in played(kept, bank, again, well=True)["result"]["topics"]} == {"pumps.md"}
    nothing = kept.post("/quiz", json={"learner": "ada", "due": True})
    assert (nothing.status_code, nothing.json()["error"]["code"]) == (400, "nothing_due")
    assert kept.post("/quiz", json={"learner": "ada", "weak": True}).json()["error"]["code"] == "no_weak_topics"


def test_who_gave_no_name_is_not_kept_and_has_nothing_due(kept: httpx.Client, bank: Bank) -> None:
    played(kept, bank, kept.post("/quiz", json={"count": 1}).json(), well=False)
    assert kept.get("/quiz", params={"learner": "bob"}).json()["learner"]["answered"] == 0
    assert kept.post("/quiz", json={"due": True}).json()["error"]["code"] == "no_learner"


def test_a_quiz_is_exported_once_it_is_over(client: httpx.Client, bank: Bank) -> None:
    quiz = client.post("/quiz", json={"count": 2}).json()
    assert client.get(f"/quiz/{quiz['id']}/export").status_code == 409
    played(client, bank, quiz, well=True)
    file = client.get(f"/quiz/{quiz['id']}/export", params={"shape": "gift"})
    assert file.text.count("\n  =") == 2 and "quiz.gift" in file.headers["content-disposition"]
    assert client.get(f"/quiz/{quiz['id']}/export", params={"shape": "exe"}).status_code == 400


def test_what_the_bank_lacks_is_written_where_that_is_wanted(bank: Bank, project: Project) -> None:
    pytest.importorskip("llguidance")
    from loresmith.models.language import open_model
    from loresmith.models.locate import find
    from loresmith.quiz.demand import library
    from loresmith.quiz.writing import Author

    author = Author(open_model(find("starter")), library(project.path))
    few = Bank(bank.questions[:1], {chunk.id: chunk.text for chunk in author.library.chunks()})

    async def lend(work: Callable[[], Drawn]) -> Drawn:
        return work()

    app = FastAPI()
    translate_faults(app)
    app.include_router(quiz_routes(few, 3, study=Study(lambda: author, lend)))
    with served(app) as running, httpx.Client(base_url=running.url, timeout=60) as client:
        assert client.post("/quiz", json={"seed": 1}).json()["written"]["tried"] == 0
        quiz = client.post("/quiz", json={"seed": 1, "write": True}).json()
    assert quiz["written"]["banked"] == 1 and quiz["written"]["written"] > 0
    assert quiz["total"] == 1 + quiz["written"]["written"]
