import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel

from loresmith import artifact
from loresmith.artifact import Plan
from loresmith.errors import ArtifactCorrupt, ArtifactMissing, LoresmithError, MachineError


class Row(BaseModel):
    number: int


class Settings(BaseModel):
    size: int = 3


def make(target: Path, plan: Plan, numbers: list[int]) -> artifact.Artifact:
    with artifact.create(target, plan) as draft:
        for number in numbers:
            draft.keep(Row(number=number))
    return artifact.read(target, made_by="cut")


@pytest.fixture
def plan() -> Plan:
    return Plan("cut", Settings())


def test_rows_come_back_in_the_order_in_which_they_were_kept(tmp_path: Path, plan: Plan) -> None:
    made = make(tmp_path / "cut", plan, [3, 1, 2])
    assert [row.number for row in made.rows(Row)] == [3, 1, 2]


def test_the_same_rows_have_the_same_content_hash_in_another_folder(tmp_path: Path, plan: Plan) -> None:
    one, other = make(tmp_path / "a", plan, [1, 2]), make(tmp_path / "b", plan, [1, 2])
    assert one.manifest.content == other.manifest.content
    assert make(tmp_path / "c", plan, [2, 1]).manifest.content != one.manifest.content


def test_a_failed_attempt_leaves_the_old_artifact_whole(tmp_path: Path, plan: Plan) -> None:
    make(tmp_path / "cut", plan, [1])
    with pytest.raises(ZeroDivisionError), artifact.create(tmp_path / "cut", plan) as draft:
        draft.keep(Row(number=9))
        raise ZeroDivisionError
    assert [row.number for row in artifact.read(tmp_path / "cut", made_by="cut").rows(Row)] == [1]


def test_a_changed_setting_is_named_with_both_values(tmp_path: Path, plan: Plan) -> None:
    make(tmp_path / "cut", plan, [1])
    state = artifact.state(tmp_path / "cut", Plan("cut", Settings(size=4)))
    assert (state.kind, state.why) == ("stale", "size 3 → 4")


def test_a_parent_made_anew_is_named(tmp_path: Path, plan: Plan) -> None:
    first, second = make(tmp_path / "p1", plan, [1]), make(tmp_path / "p2", plan, [2])
    child = Plan("child", Settings(), {"cut": first})
    make(tmp_path / "child", child, [1])
    assert artifact.state(tmp_path / "child", child).kind == "fresh"
    state = artifact.state(tmp_path / "child", Plan("child", Settings(), {"cut": second}))
    assert (state.kind, state.why) == ("stale", "cut was made anew")


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [({}, {"a.md": "1"}, "a.md is new"), ({"a.md": "1"}, {}, "a.md is gone"), ({"a": "1"}, {"a": "2"}, "a changed")],
)
def test_changed_inputs_are_named(tmp_path: Path, before: dict[str, str], after: dict[str, str], why: str) -> None:
    make(tmp_path / "cut", Plan("cut", Settings(), inputs=before), [1])
    assert artifact.state(tmp_path / "cut", Plan("cut", Settings(), inputs=after)).why == why


def test_one_changed_byte_is_corruption(tmp_path: Path, plan: Plan) -> None:
    make(tmp_path / "cut", plan, [1, 2])
    rows = tmp_path / "cut" / artifact.ROWS
    rows.write_bytes(rows.read_bytes().replace(b"2", b"7"))
    with pytest.raises(ArtifactCorrupt, match=r"rows\.jsonl is not the file that was written"):
        artifact.read(tmp_path / "cut", made_by="cut")
    assert artifact.state(tmp_path / "cut", plan).kind == "corrupt"


def test_a_torn_manifest_is_corruption_and_a_missing_one_is_missing(tmp_path: Path, plan: Plan) -> None:
    make(tmp_path / "cut", plan, [1])
    manifest = tmp_path / "cut" / artifact.MANIFEST
    manifest.write_bytes(manifest.read_bytes()[:40])
    with pytest.raises(ArtifactCorrupt):
        artifact.read(tmp_path / "cut", made_by="cut")
    manifest.unlink()
    with pytest.raises(ArtifactMissing, match="loresmith cut"):
        artifact.read(tmp_path / "cut", made_by="cut")


def test_rows_that_vanish_are_a_bug_and_not_a_success(tmp_path: Path, plan: Plan) -> None:
    with pytest.raises(LoresmithError, match="3 rows came in"), artifact.create(tmp_path / "cut", plan) as draft:
        draft.keep(Row(number=1))
        draft.drop(Row(number=2), "even")
        draft.balance(3)
    assert not (tmp_path / "cut").exists()


def test_dropped_rows_are_written_with_their_reason(tmp_path: Path, plan: Plan) -> None:
    with artifact.create(tmp_path / "cut", plan) as draft:
        draft.keep(Row(number=1))
        draft.drop(Row(number=2), "even")
        draft.balance(2)
    made = artifact.read(tmp_path / "cut", made_by="cut")
    assert json.loads((made / artifact.DROPPED).read_text()) == {"reason": "even", "number": 2}
    assert made.manifest.reasons == {"even": 1}


def test_a_resumed_draft_finds_what_the_killed_attempt_left(tmp_path: Path, plan: Plan) -> None:
    with pytest.raises(KeyboardInterrupt), artifact.create(tmp_path / "cut", plan, resume=True) as draft:
        (draft.path / "half.txt").write_text("half")
        raise KeyboardInterrupt
    with artifact.create(tmp_path / "cut", plan, resume=True) as draft:
        assert (draft.path / "half.txt").read_text() == "half"
    with pytest.raises(KeyboardInterrupt), artifact.create(tmp_path / "cut", plan, resume=True) as draft:
        (draft.path / "half.txt").write_text("half")
        raise KeyboardInterrupt
    with artifact.create(tmp_path / "cut", Plan("cut", Settings(size=9)), resume=True) as draft:
        assert not (draft.path / "half.txt").exists()


def test_a_swap_that_was_cut_off_is_finished_or_undone(tmp_path: Path, plan: Plan) -> None:
    target = tmp_path / "cut"
    make(target, plan, [1])
    target.rename(tmp_path / ".cut.old")  # killed between the two renames, before the new one was whole
    assert [row.number for row in artifact.read(target, made_by="cut").rows(Row)] == [1]
    make(tmp_path / "next", plan, [2])
    target.rename(tmp_path / ".cut.old")  # killed between the two renames, the new one whole
    (tmp_path / "next").rename(tmp_path / ".cut.partial")
    assert [row.number for row in artifact.read(target, made_by="cut").rows(Row)] == [2]
    assert not (tmp_path / ".cut.old").exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from pydantic import BaseModel
from loresmith import artifact

class Settings(BaseModel):
    size: int = 3

calls = 0
def trip(*args, **kwargs):
    global calls
    calls += 1
    if calls == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

sys.setprofile(trip)
with artifact.create(Path(sys.argv[1]) / "cut", artifact.Plan("cut", Settings())) as draft:
    (draft.path / "new.txt").write_text("new")
"""


@pytest.mark.parametrize("calls", [40, 120, 250, 500, 900, 1400, 2000, 2600, 3200])
def test_a_killed_process_leaves_the_old_artifact_or_the_new_one(tmp_path: Path, plan: Plan, calls: int) -> None:
    with artifact.create(tmp_path / "cut", plan) as draft:
        (draft.path / "old.txt").write_text("old")
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), str(calls)], check=False)
    names = {path.name for path in artifact.read(tmp_path / "cut", made_by="cut").path.iterdir()}
    assert names in ({"manifest.json", "old.txt"}, {"manifest.json", "new.txt"})


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is a Linux device")
def test_a_full_disk_is_said_in_plain_words_and_the_old_artifact_stays(tmp_path: Path, plan: Plan) -> None:
    make(tmp_path / "cut", plan, [1])
    with (
        pytest.raises(MachineError, match="disk is full"),
        artifact.create(tmp_path / "cut", plan) as draft,
        Path("/dev/full").open("w") as full,
    ):
        draft.keep(Row(number=2))
        full.write("x" * 100_000)
    assert [row.number for row in artifact.read(tmp_path / "cut", made_by="cut").rows(Row)] == [1]


def test_other_disk_faults_name_the_place(tmp_path: Path) -> None:
    fault = artifact.machine_error(OSError(errno.EACCES, os.strerror(errno.EACCES)), tmp_path / "x")
    assert fault.exit_code == 3
    assert str(tmp_path / "x") in fault.problem
