"""A served alias: another version takes over under load, and a bad one does not."""

import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from loresmith import artifact
from loresmith.errors import UserError
from loresmith.pipeline import Project, run_one
from loresmith.progress import finish
from loresmith.records import Answer
from loresmith.registry import Registry
from loresmith.serve.access import Access
from loresmith.serve.api import create_api
from loresmith.serve.desk import Desk
from loresmith.serve.following import Following
from loresmith.serve.site import create_site
from tests.serve.librarian import served, wait_until
from tests.serve.shelf import PUMPS

QUESTION = "At what pressure does the relief valve open?"
OLD, NEW = "opens at 4 bar", "opens at 6 bar"
CLIENTS = 16


@pytest.fixture(scope="module")
def editions(project: Project, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Project]:
    """The plant's project, and the same after a document was corrected."""
    folder = tmp_path_factory.mktemp("corrected")
    shutil.copytree(project.path, folder / "plant")
    (folder / "documents").mkdir()
    (folder / "documents" / "pumps.md").write_text(PUMPS.replace(OLD, NEW), encoding="utf-8")
    corrected = Project(folder / "plant", project.recipe.model_copy(update={"documents": (str(folder / "documents"),)}))
    corrected.save()
    for name in ("ingest", "chunk", "generate", "index"):
        finish(run_one(corrected, name))
    return project, corrected


@pytest.fixture
def registry(editions: tuple[Project, Project], tmp_path: Path) -> Path:
    """Version 1 says 4 bar and was champion before version 2, which says 6."""
    with Registry(tmp_path / "registry", create=True) as book:
        for edition in editions:
            number = finish(book.add(edition)).number
            book.promote(number, instead_of=book.alias("champion"), reason="a test")
    return tmp_path / "registry"


@pytest.fixture
def following(registry: Path) -> Iterator[Following]:
    with closing(Following(registry, "champion", "none", poll_seconds=0.05)) as opened:
        yield opened


def roll_back(registry: Path) -> None:
    with Registry(registry) as book:
        finish(book.rollback(reason="a test"))


def add(registry: Path, project: Project) -> int:
    with Registry(registry) as book:
        return finish(book.add(project)).number


def promote(registry: Path, number: int) -> None:
    with Registry(registry) as book:
        book.promote(number, instead_of=book.alias("champion"), reason="a test")


def is_open(registry: Path, number: int) -> bool:
    """Whether this process has the index of a version open."""
    places = (path.readlink() for path in Path("/proc/self/fd").iterdir() if path.is_symlink())
    return str(registry / "versions" / str(number) / "index") in " ".join(map(str, places))


class Crowd:
    """Clients that ask one after another until they are told to stop, and what each got."""

    def __init__(self, url: str) -> None:
        self.answers: list[tuple[float, float, int, str]] = []
        """When it was asked, when it was answered, status, text."""
        self._url = url
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(CLIENTS)]

    @contextmanager
    def asking(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            for thread in self._threads:
                thread.join(30)

    def has_heard(self, text: str) -> bool:
        return any(text in told for _, _, _, told in list(self.answers))

    def _ask(self) -> None:
        body = {"model": "plant", "messages": [{"role": "user", "content": QUESTION}]}
        with httpx.Client(base_url=self._url, timeout=30) as client:
            while not self._is_over.is_set():
                asked = time.monotonic()
                answer = client.post("/v1/chat/completions", json=body)
                self.answers.append((asked, time.monotonic(), answer.status_code, answer.text))


def test_a_rollback_under_load_fails_no_request_and_the_old_version_answers_within_two_seconds(registry: Path) -> None:
    following = Following(registry, "champion", "none", standby=True, poll_seconds=0.05)
    wait_until(lambda: following.status()["standby"] == 1)
    desk = Desk(following, version=following.version)
    with served(create_api(desk, "plant", following.status)) as site:
        crowd = Crowd(site.url)
        with crowd.asking():
            wait_until(lambda: len(crowd.answers) > CLIENTS // 2, 60)
            roll_back(registry)
            moved, before = time.monotonic(), len(crowd.answers)
            wait_until(lambda: crowd.has_heard(OLD), 60)
            wait_until(lambda: len(crowd.answers) > before + CLIENTS, 60)
        told = httpx.get(f"{site.url}/healthz").json()["expert"]
    first = min(at for _, at, _, text in crowd.answers if OLD in text)
    assert first - moved < 2
    assert {status for _, _, status, _ in crowd.answers} == {200}
    for _, _, _, text in crowd.answers:
        assert (OLD in text, NEW in text) in ((True, False), (False, True))
        assert json.loads(text)["system_fingerprint"] == f"version-{1 if OLD in text else 2}"
    assert not any(NEW in text for asked, _, _, text in crowd.answers if asked > first)
    assert (told["alias"], told["version"], told["problem"]) == ("champion", 1, None)


def test_an_answer_that_has_begun_ends_with_the_version_that_began_it(registry: Path, following: Following) -> None:
    stream = following.stream(QUESTION)
    began = next(stream)
    assert NEW in str(began)
    roll_back(registry)
    wait_until(lambda: following.status()["version"] == 1)
    assert following.search(QUESTION, 1)[0].text.count(OLD) == 1
    assert following.count_tokens("four words of text") == 4
    (whole,) = stream
    assert isinstance(whole, Answer)
    assert NEW in whole.text


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
def test_a_version_that_was_left_is_let_go_once_nobody_reads_from_it(registry: Path, following: Following) -> None:
    stream = following.stream(QUESTION)
    next(stream)
    roll_back(registry)
    wait_until(lambda: following.status()["version"] == 1)
    assert is_open(registry, 1)
    time.sleep(0.2)
    assert is_open(registry, 2)
    stream.close()
    wait_until(lambda: not is_open(registry, 2))


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
def test_on_standby_the_previous_champion_is_open_and_takes_over_as_it_is(registry: Path) -> None:
    with closing(Following(registry, "champion", "none", standby=True, poll_seconds=0.05)) as following:
        wait_until(lambda: following.status()["standby"] == 1)
        assert is_open(registry, 1)
        spoiled = registry / "versions" / "1" / "index" / "manifest.json"
        spoiled.chmod(0o644)
        spoiled.write_text("{}", encoding="utf-8")  # it could not be opened any more
        promote(registry, 1)
        wait_until(lambda: following.status()["version"] == 1)
        assert following.status()["problem"] is None
        assert any(OLD in str(piece) for piece in following.stream(QUESTION))
        assert is_open(registry, 2)  # previous now


def test_a_version_that_cannot_be_opened_leaves_the_old_one_answering_and_says_so(
    registry: Path, editions: tuple[Project, Project]
) -> None:
    said: list[str] = []
    with closing(Following(registry, "champion", "none", say=said.append, poll_seconds=0.05)) as following:
        number = add(registry, editions[0])
        vectors = registry / "versions" / str(number) / "index" / "vectors.npy"
        vectors.chmod(0o644)
        vectors.write_bytes(vectors.read_bytes()[:-8])
        promote(registry, number)
        wait_until(lambda: following.status()["problem"] is not None)
        told = following.status()
        assert told["version"] == 2
        assert told["problem"].startswith("version 3 cannot be opened: The artifact at")
        assert [line for line in said if "version 2 goes on answering" in line] == said
        assert len(said) == 1
        assert any(NEW in str(piece) for piece in following.stream(QUESTION))
        roll_back(registry)  # back to 2, which is open
        wait_until(lambda: following.status()["problem"] is None)
        assert following.status()["version"] == 2


def test_a_version_that_opens_and_cannot_answer_does_not_take_over(
    registry: Path, following: Following, editions: tuple[Project, Project], tmp_path: Path
) -> None:
    shutil.copytree(editions[0].path, tmp_path / "strange")
    strange, index = Project(tmp_path / "strange", editions[0].recipe), tmp_path / "strange" / "index"
    facts = {**json.loads((index / "index.json").read_bytes()), "embedder": "of-another-machine"}
    kept = {path.name: path.read_bytes() for path in index.iterdir() if path.name != artifact.MANIFEST}
    with artifact.create(index, artifact.Plan("index", strange.recipe.index)) as draft:
        for name, content in {**kept, "index.json": json.dumps(facts).encode()}.items():
            (draft.path / name).write_bytes(content)
    promote(registry, add(registry, strange))
    wait_until(lambda: following.status()["problem"] is not None)
    assert "No plug-in 'of-another-machine'" in following.status()["problem"]
    assert following.status()["version"] == 2
    assert any(NEW in str(piece) for piece in following.stream(QUESTION))


def test_the_site_shows_the_report_of_the_version_in_place_and_reviews_in_no_version(
    registry: Path, following: Following
) -> None:
    with served(create_site(following, Access())) as site:
        told: Any = httpx.get(f"{site.url}/healthz").json()
        assert (told["model"], told["expert"]["version"]) == ("plant", 2)
        assert httpx.get(f"{site.url}/report").status_code == 404  # none of the versions has one
        assert "review.js" not in httpx.get(f"{site.url}/review").text
        assert "Review of questions" not in httpx.get(site.url).text


@pytest.mark.parametrize(
    ("alias", "problem"), [("candidate", "No version in .* is the candidate"), ("champion", "There is no registry at")]
)
def test_what_cannot_be_followed_is_refused_at_the_start(registry: Path, alias: str, problem: str) -> None:
    place = registry if alias == "candidate" else registry / "nowhere"
    with pytest.raises(UserError, match=problem):
        Following(place, alias, "none")
