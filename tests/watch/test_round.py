"""Rounds on the smallest real parts: a tiny model that is trained and examined, a registry, alerts to a web server."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from loresmith import artifact
from loresmith.cli.status import command as status
from loresmith.cli.watch import command as watch
from loresmith.errors import FolderInUse
from loresmith.progress import finish
from loresmith.records import Chunk, Document, Question
from loresmith.registry import CHAMPION, Registry
from loresmith.watch.records import Reason, Round
from loresmith.watch.round import Bench, hold
from loresmith.watch.watching import documents_differ, look
from tests.watch.receivers import Hook
from tests.watch.receivers import hook as web_hook
from tests.watch.small_watch import Clock, bench, recipe, write

ASKED = Reason(kind="asked", words="a test")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Iterator[tuple[Bench, list[Round], Hook]]:
    """A first champion, then a day on which one document went and another came; what the watch did."""
    home = tmp_path_factory.mktemp("watched")
    write(home, valves=3, pumps=5)
    with web_hook() as hook, Registry(home / "registry", create=True) as book:
        asked = recipe(home, tiny_model, alerts=[hook.url])
        one = bench(home, asked, book)
        with one.project.locked():
            first = finish(hold(one, ASKED))
        assert first.candidate is not None
        book.archive(first.candidate, undo=True)
        book.promote(first.candidate, instead_of=None, reason="a test")
        write(home, valves=None, tanks=7)
        second = finish(look(one)).rounds
        yield one, [first, *second], hook


def test_a_round_says_what_changed_and_why_it_began(story: tuple[Bench, list[Round], Hook]) -> None:
    _, (_, second), _ = story
    assert (second.changes.new, second.changes.withdrawn) == (("tanks.md",), ("valves.md",))
    assert second.reason.kind == "documents"


def test_the_champion_gets_the_current_index_before_the_candidate_is_trained(
    story: tuple[Bench, list[Round], Hook],
) -> None:
    one, (first, second), _ = story
    assert second.refreshed is not None and second.candidate is not None and first.candidate is not None
    assert second.refreshed < second.candidate
    here, before = one.book.folder(second.refreshed), one.book.folder(first.candidate)
    sources = {row.source for row in artifact.read(here / "documents", made_by="ingest").rows(Document)}
    assert sources == {"pumps.md", "tanks.md"}
    adapters = [artifact.read(place / "adapter", made_by="train").manifest.content for place in (here, before)]
    assert adapters[0] == adapters[1]
    assert not (here / "questions").exists()  # they tell what the withdrawn document said


def test_a_withdrawn_document_is_in_no_index_no_training_and_no_exam(story: tuple[Bench, list[Round], Hook]) -> None:
    one, (_, second), _ = story
    champion = one.book.alias(CHAMPION)
    assert champion == second.candidate
    folder = one.book.folder(champion)
    split = artifact.read(folder / "split", made_by="split")
    rows = [row for name in ("train.jsonl", "recall.jsonl") for row in split.rows(Question, name)]
    assert rows and {row.source for row in rows} == {"pumps.md", "tanks.md"}
    chunks = artifact.read(folder / "chunks", made_by="chunk").rows(Chunk)
    assert {row.source for row in chunks} == {"pumps.md", "tanks.md"}
    assert b"valves" not in (folder / "index" / "chunks.sqlite").read_bytes()


def test_both_sit_the_same_questions_and_the_numbers_are_kept(story: tuple[Bench, list[Round], Hook]) -> None:
    one, (_, second), _ = story
    assert second.before is not None and second.after is not None and second.difference is not None
    exam = artifact.read(one.book.folder(second.candidate or 0) / "exam", made_by="evaluate")
    asked = exam.manifest.notes["questions"]
    assert second.before.n == second.after.n == second.difference.n
    assert 0 < second.difference.n <= asked


def test_a_champion_that_learned_what_is_gone_need_not_be_beaten(story: tuple[Bench, list[Round], Hook]) -> None:
    _, (_, second), _ = story
    assert second.outcome == "promoted"
    assert "no gain is asked for" in second.headline


def test_every_round_is_told_with_its_reason(story: tuple[Bench, list[Round], Hook]) -> None:
    _, rounds, hook = story
    told = [sent for _, sent, _ in hook.posts]
    assert [sent["kind"] for sent in told] == [one.outcome for one in rounds]
    assert rounds[1].headline in told[1]["text"]
    assert "1 withdrawn (valves.md)" in told[1]["text"]


def test_the_cost_is_said_by_what_the_last_round_took(story: tuple[Bench, list[Round], Hook]) -> None:
    _, (first, second), _ = story
    assert first.expected is not None and first.expected.seconds is None
    assert second.expected is not None and (second.expected.seconds or 0) > 0


def test_nothing_is_done_twice(story: tuple[Bench, list[Round], Hook]) -> None:
    one, rounds, _ = story
    versions = len(one.book.entries())
    assert not documents_differ(one)
    assert finish(look(one)).rounds == []
    with one.project.locked():
        again = finish(hold(one, ASKED))
    assert again.outcome == "unchanged"
    assert (len(one.book.entries()), again.champion) == (versions, rounds[1].champion)
    assert finish(one.book.verify()) == []


def test_status_tells_who_answers_and_what_was_decided(story: tuple[Bench, list[Round], Hook], tmp_path: Path) -> None:
    one, (_, second), _ = story
    place, registry = str(one.project.path), str(one.book.path)
    drawn = tmp_path / "plant.svg"
    said = CliRunner().invoke(status, [place, "--registry", registry, "--picture", str(drawn)])
    assert said.exit_code == 0, said.output
    assert f"champion  version {second.candidate} since" in said.stdout
    assert "index     current" in said.stdout and second.headline in said.stdout
    assert drawn.read_text().startswith("<svg")
    told = json.loads(CliRunner().invoke(status, [place, "--registry", registry, "--json"]).stdout)
    assert told["champion"] == second.candidate
    assert told["pending"] == {"new": [], "changed": [], "withdrawn": []}
    assert told["rounds"][1]["difference"]["n"] == second.difference.n if second.difference else False


def test_the_verb_says_when_nothing_is_due_and_when_another_watch_is_there(
    story: tuple[Bench, list[Round], Hook],
) -> None:
    one, _, _ = story
    words = [str(one.project.path), "--registry", str(one.book.path), "--once"]
    said = CliRunner().invoke(watch, words)
    assert (said.exit_code, said.stdout) == (0, "Nothing is due: no document changed.\n")
    with one.book.round("loresmith watch"):
        held = CliRunner().invoke(watch, words)
    assert isinstance(held.exception, FolderInUse)
    assert "is in use by loresmith watch (process" in held.exception.problem


@pytest.fixture
def led(tmp_path: Path, tiny_model: Path, story: tuple[Bench, list[Round], Hook]) -> Iterator[Callable[..., Bench]]:
    """`led(**watch)`: a bench of another project whose champion is that of the story, over the same documents."""
    books = []

    def made(**watch: object) -> Bench:
        one, (_, second), _ = story
        write(tmp_path, pumps=5, tanks=7)
        book = Registry(tmp_path / "registry", create=True)
        books.append(book)
        here = bench(tmp_path, recipe(tmp_path, tiny_model, **watch), book, Clock())
        from loresmith.watch.staging import finished_parts, staged

        source = one.book.folder(second.candidate or 0)
        names = ("ingest", "chunk", "split", "index", "train", "evaluate")
        version = finish(book.add(staged(here.project, tmp_path / "copy", finished_parts(source, names))))
        book.promote(version.number, instead_of=None, reason="a test")
        return here

    yield made
    for book in books:
        book.close()


def test_where_the_recipe_trains_later_only_the_index_is_made(led: Callable[..., Bench], tmp_path: Path) -> None:
    one = led(train="later")
    write(tmp_path, motors=9)
    (done,) = finish(look(one)).rounds
    assert (done.outcome, done.candidate) == ("refreshed", None)
    assert one.book.alias(CHAMPION) == done.refreshed
    assert not (one.project.path / "questions").exists()


def test_a_failed_round_leaves_the_champion_and_is_told_once(led: Callable[..., Bench], tmp_path: Path) -> None:
    with web_hook() as hook:
        one = led(alerts=[hook.url])
        champion = one.book.alias(CHAMPION)
        write(tmp_path, pumps=None, tanks=None)
        with one.project.locked():
            done = finish(hold(one, ASKED))
        assert done.outcome == "failed"
        assert one.book.alias(CHAMPION) == champion
        (told,) = [sent for _, sent, _ in hook.posts]
        assert told["level"] == "error" and "holds no files to read" in told["text"]
        assert one.places.started() is None


def test_a_second_watch_is_told_who_holds_the_registry(led: Callable[..., Bench]) -> None:
    one = led()
    with (
        one.book.round("loresmith watch"),
        Registry(one.book.path) as other,
        pytest.raises(FolderInUse, match=r"is in use by loresmith watch \(process \d+\)"),
        other.round("loresmith watch"),
    ):
        pass


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="needs fork")
def test_a_round_that_was_killed_ends_with_the_same_decision(
    tmp_path: Path, tiny_model: Path, repository: Path
) -> None:
    (tmp_path / "model").symlink_to(tiny_model)
    words = [sys.executable, "-W", "ignore", "-m", "tests.watch.shaken_round", str(tmp_path), "1", "1"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=repository, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert [(trial["wrong"], trial["same"]) for trial in told["trials"]] == [("", True)]
