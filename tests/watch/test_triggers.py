"""What calls for a round: documents by their bytes, thumbs, the hook, a change that has settled."""

from pathlib import Path

import httpx
import pytest

from loresmith.errors import UserError
from loresmith.recipe import WatchConfig
from loresmith.records import Estimate
from loresmith.watch import hook, installing, loop
from loresmith.watch.collecting import changes, hash_of
from loresmith.watch.places import Places
from loresmith.watch.records import Changes, Cost, Kind, Outcome, Reason, Round
from loresmith.watch.settling import Settling, sight
from loresmith.watch.voices import Voice, complaint, voices


def a_round(number: int, ended: str, kind: Kind = "asked", outcome: Outcome = "promoted") -> Round:
    """A round that ended then."""
    return Round(
        number=number, began=ended, ended=ended, reason=Reason(kind=kind, words="a test"), changes=Changes(),
        documents="", outcome=outcome, headline="so", champion=1, candidate=number,
    )  # fmt: skip


def thumbs(up: int, down: int, day: int) -> list[Voice]:
    """So many thumbs on a day of November."""
    values = ["up"] * up + ["down"] * down
    return [
        Voice(answer=f"{day}-{place}", value=value, at=f"2026-11-{day:02}T10:00:00+00:00")
        for place, value in enumerate(values)
    ]


def test_changes_are_told_by_bytes_and_not_by_order() -> None:
    found = changes({"a": "1", "b": "2", "c": "3"}, {"d": "4", "b": "9", "a": "1"})
    assert found == Changes(new=("d",), changed=("b",), withdrawn=("c",))
    assert found.words() == "1 new (d), 1 changed (b), 1 withdrawn (c)"
    assert not changes({"a": "1"}, {"a": "1"})
    assert hash_of({"a": "1", "b": "2"}) == hash_of({"b": "2", "a": "1"}) != hash_of({"a": "2", "b": "1"})


def test_rejected_answers_count_from_the_last_training() -> None:
    config, said = WatchConfig(rejected=3), thumbs(0, 3, 5)
    assert complaint(said, [], config) is not None
    assert complaint(said[:2], [], config) is None
    assert complaint(said, [a_round(1, "2026-11-06T10:00:00+00:00")], config) is None
    assert complaint(said, [], WatchConfig()) is None


def test_a_failed_training_is_not_begun_again_by_the_same_thumbs() -> None:
    failed = a_round(1, "2026-11-06T10:00:00+00:00", kind="rejected", outcome="failed")
    assert complaint(thumbs(0, 3, 5), [failed.model_copy(update={"candidate": None})], WatchConfig(rejected=3)) is None


@pytest.mark.parametrize(("up", "down", "is_due"), [(18, 12, True), (28, 2, False), (3, 9, False)])
def test_a_share_of_thumbs_that_fell_starts_a_round_where_there_are_enough(up: int, down: int, is_due: bool) -> None:
    said = thumbs(27, 3, 2) + thumbs(up, down, 9)
    found = complaint(said, [a_round(1, "2026-11-05T10:00:00+00:00")], WatchConfig())
    assert (found is not None) == is_due


def test_the_last_word_on_an_answer_counts_and_a_broken_line_does_not(tmp_path: Path) -> None:
    first, second = (voice.model_dump_json() for voice in thumbs(1, 0, 2) + thumbs(0, 1, 2))
    (tmp_path / "feedback").mkdir()
    (tmp_path / "feedback" / "feedback.jsonl").write_text(f'{first}\n{second}\n{{"answer": "x", "val')
    assert [voice.value for voice in voices(tmp_path)] == ["down"]


def test_a_change_counts_once_and_only_after_a_time_of_quiet(tmp_path: Path) -> None:
    time = [0.0]
    settling = Settling(10, lambda: time[0])
    empty, one = sight([str(tmp_path)]), frozenset({("a", 1, 1)})
    told = []
    for now, seen in ((0, empty), (10, empty), (11, empty), (20, one), (25, one), (31, one), (40, one)):
        time[0] = now
        told.append(settling.has_settled(seen))
    assert told == [False, True, False, False, False, True, False]


def test_a_sight_changes_with_every_file(tmp_path: Path) -> None:
    before = sight([str(tmp_path)])
    (tmp_path / "a.md").write_text("a")
    assert sight([str(tmp_path)]) != before


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [("/round", "k" * 16, 202), ("/round", "wrong", 401), ("/round", "", 401), ("/", "k" * 16, 404)],
)
def test_the_hook_asks_for_a_round_only_with_its_key(path: str, key: str, status: int) -> None:
    asked: list[bool] = []
    with hook.listening(0, "k" * 16, lambda: asked.append(True)) as port:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        answer = httpx.post(f"http://127.0.0.1:{port}{path}", headers=headers, timeout=10)
    assert answer.status_code == status
    assert asked == [True] * (status == 202)


def test_a_hook_with_no_key_or_a_short_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("", "short"):
        monkeypatch.setenv(hook.KEY_VARIABLE, value)
        with pytest.raises(UserError, match="holds no key"):
            loop.key()


def test_a_timer_of_systemd_keeps_words_with_spaces_and_signs_together(tmp_path: Path) -> None:
    made = installing.systemd("plant", ["/py thon", "watch", "/100%/$x", "--once"], 15, tmp_path)
    installing.write(made)
    unit = tmp_path / ".config" / "systemd" / "user" / "loresmith-watch-plant.service"
    assert 'ExecStart="/py thon" watch /100%%/$$x --once\n' in unit.read_text()
    assert "OnUnitInactiveSec=15min" in unit.with_suffix(".timer").read_text()
    assert made.next_step.endswith("enable --now loresmith-watch-plant.timer")


def test_a_line_for_cron_escapes_percent_signs() -> None:
    made = installing.cron(["/py", "a b%"], 5)
    assert made.files == {}
    assert r"*/5 * * * *" in made.next_step and r"b\%" in made.next_step


def test_a_round_is_written_down_once_and_its_journal_goes(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.path.mkdir()
    done = a_round(1, "2026-11-06T10:00:00+00:00")
    places.end(done)
    places.end(done)
    assert places.rounds() == [done]
    assert places.started() is None


def test_a_line_that_a_dying_process_broke_is_passed_over(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.path.mkdir()
    (places.path / "history.jsonl").write_text('{"number": 1, "beg')
    done = a_round(2, "2026-11-06T10:00:00+00:00")
    places.end(done)
    assert places.rounds() == [done]


def test_a_cost_is_told_in_minutes_and_unknown_stays_unknown() -> None:
    assert "about 5 minutes" in Cost(seconds=301, rows=10, questions=5).words()
    assert "not known yet" in Cost(seconds=None, rows=10, questions=5).words()


def test_an_estimate_is_kept_to_the_digit(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.path.mkdir()
    seen = Estimate(value=0.5, low=0.25, high=0.75, n=8, method="m")
    places.end(a_round(1, "2026-11-06T10:00:00+00:00").model_copy(update={"after": seen}))
    assert places.rounds()[0].after == seen
