import json
import sqlite3
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from loresmith import artifact
from loresmith.errors import ArtifactCorrupt, ArtifactMissing, UserError
from loresmith.pipeline import Project, open_project
from loresmith.progress import finish
from loresmith.recipe import Recipe
from loresmith.registry import Registry
from tests.registry.shelf_of_experts import small_project

Add = Callable[..., int]


def names(book: Registry) -> tuple[int | None, int | None, int | None]:
    return book.alias("champion"), book.alias("previous"), book.alias("candidate")


def test_a_version_is_a_project_folder_that_stays_when_the_project_goes_on(
    book: Registry, add: Add, tmp_path: Path
) -> None:
    first = add("one")
    add("two")
    kept = open_project(book.folder(first))
    assert kept.recipe.name == "plant"
    assert (artifact.read(kept.path / "index", made_by="index") / "facts.json").read_text() == "one"
    assert (tmp_path / "project" / "index" / "facts.json").read_text() == "two"


def test_nothing_in_a_version_can_be_written_to(book: Registry, add: Add) -> None:
    folder = book.folder(add())
    modes = {stat.S_IMODE(path.stat().st_mode) & 0o222 for path in (folder, *folder.rglob("*"))}
    assert modes == {0}


def test_a_large_file_is_kept_once_and_a_small_one_apart(book: Registry, add: Add, tmp_path: Path) -> None:
    folder = book.folder(add(large=True))
    name = Path("adapter", "adapter_model.safetensors")
    ours, theirs = folder / name, tmp_path / "project" / name
    if not ours.samefile(theirs):  # a file system that clones shows two files
        pytest.skip("this file system clones")
    assert ours.stat().st_nlink == 2
    assert not (folder / "index" / "facts.json").samefile(tmp_path / "project" / "index" / "facts.json")


def test_a_record_says_what_the_version_is_made_of(tmp_path: Path) -> None:
    moment = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    project = small_project(tmp_path / "project", large=True)
    with Registry(tmp_path / "registry", create=True, now=lambda: moment) as book:
        version = finish(book.add(project))
    assert version.created == "2026-03-29T01:30:00+00:00"
    assert version.base_hash == "ab" * 32
    assert set(version.parts) == {"index", "train"}
    assert version.parts["index"].content == artifact.read(project.path / "index", made_by="index").manifest.content
    assert version.recipe == artifact.hash_file(project.path / "recipe.yaml")
    assert (version.parity, version.verdict, version.scores, version.parent) == (None, None, (), None)


def test_a_new_version_is_the_candidate_and_its_parent_the_champion(book: Registry, add: Add, crown: Add) -> None:
    champion = crown()
    number = add("two")
    assert names(book) == (champion, None, number)
    assert book.entry("candidate").version.parent == champion


def test_promotion_moves_all_names_with_one_line_in_the_log(book: Registry, crown: Add) -> None:
    one, two = crown("one"), crown("two")
    assert names(book) == (two, one, None)
    event = book.events()[-1]
    assert (event.action, event.version, event.reason) == ("promote", two, "a test")
    assert event.moves == {"champion": (one, two), "previous": (None, one), "candidate": (two, None)}
    assert " on " in event.who


def test_a_comparison_with_a_champion_that_is_none_any_more_promotes_nobody(
    book: Registry, add: Add, crown: Add
) -> None:
    one = crown()
    two, three = add("two"), add("three")
    book.promote(two, instead_of=one, reason="first")
    with pytest.raises(UserError, match="has changed meanwhile: it is version 2"):
        book.promote(three, instead_of=one, reason="late")
    assert book.alias("champion") == two


def test_the_champion_is_not_promoted_again(book: Registry, crown: Add) -> None:
    one = crown()
    with pytest.raises(UserError, match="Version 1 is the champion"):
        book.promote(one, instead_of=one, reason="")
    assert book.alias("previous") is None


def test_rollbacks_go_back_step_by_step_and_never_forward(book: Registry, crown: Add) -> None:
    one, two, three = crown("one"), crown("two"), crown("three")
    assert finish(book.rollback(reason="it lies")) == (three, two)
    assert names(book)[:2] == (two, one)
    assert finish(book.rollback(reason="this one too")) == (two, one)
    assert names(book)[:2] == (one, None)
    with pytest.raises(UserError, match="no previous champion"):
        finish(book.rollback(reason="again"))
    assert [event.action for event in book.events()][-2:] == ["rollback", "rollback"]


def test_of_two_rollbacks_at_once_one_goes_back_and_one_is_told(book: Registry, crown: Add) -> None:
    for text in ("one", "two", "three"):
        crown(text)
    checking = book.rollback(reason="mine")
    next(checking)
    with Registry(book.path) as other:
        finish(other.rollback(reason="theirs"))
    with pytest.raises(UserError, match="has changed meanwhile: it is version 2"):
        finish(checking)
    assert names(book)[:2] == (2, 1)


def test_a_promotion_after_a_rollback_has_the_right_version_behind_it(book: Registry, add: Add, crown: Add) -> None:
    one, two = crown("one"), crown("two")
    finish(book.rollback(reason=""))
    three = crown("three")
    assert names(book)[:2] == (three, one)
    book.promote(two, instead_of=three, reason="")
    finish(book.rollback(reason=""))
    assert names(book)[:2] == (three, one)


def test_a_rollback_passes_over_a_version_that_was_archived(book: Registry, crown: Add) -> None:
    one, two, three = crown("one"), crown("two"), crown("three")
    four = crown("four")
    book.archive(two)
    assert finish(book.rollback(reason="")) == (four, three)
    assert names(book)[:2] == (three, one)


def test_a_damaged_version_is_not_rolled_back_to(book: Registry, crown: Add) -> None:
    one, two = crown("one"), crown("two")
    path = book.folder(one) / "index" / "facts.json"
    path.chmod(0o644)
    path.write_text("eno", encoding="utf-8")
    with pytest.raises(UserError, match=r"Version 1 cannot serve: versions/1/index/facts.json: is not the file"):
        finish(book.rollback(reason=""))
    assert names(book)[:2] == (two, one)


def test_an_aliased_version_cannot_be_archived_and_an_archived_one_not_promoted(
    book: Registry, add: Add, crown: Add
) -> None:
    one, two = crown("one"), crown("two")
    three = add("three")
    for number, name in ((one, "previous"), (two, "champion"), (three, "candidate")):
        with pytest.raises(UserError, match=f"Version {number} is the {name}"):
            book.archive(number)
    book.refuse(three, is_final=True, reason="worse")
    book.archive(three, reason="harmful")
    assert book.entry(three).state == "archived"
    with pytest.raises(UserError, match="Version 3 is archived"):
        book.promote(three, instead_of=two, reason="")
    book.archive(three, undo=True)
    assert book.entry(three).state == "kept"


def test_a_tag_names_one_version_until_it_is_taken_away(book: Registry, add: Add) -> None:
    one, two = add("one"), add("two")
    book.tag(one, "march")
    assert book.entry("march").number == one
    with pytest.raises(UserError, match="Version 1 has the tag 'march'"):
        book.tag(two, "march")
    with pytest.raises(UserError, match="Version 2 has no tag"):
        book.tag(two, "march", remove=True)
    book.tag(one, "march", remove=True)
    with pytest.raises(UserError, match="There is no version 'march'"):
        book.entry("march")


@pytest.mark.parametrize("word", ["champion", "7", "", "a b", "../x", "-x", "x" * 65])
def test_some_words_cannot_be_tags(book: Registry, add: Add, word: str) -> None:
    with pytest.raises(UserError, match="cannot be a tag"):
        book.tag(add(), word)


def test_pruning_keeps_what_has_a_name_and_the_newest(book: Registry, add: Add, crown: Add) -> None:
    crown("one"), crown("two")
    for text in ("three", "four", "five", "six", "seven"):
        add(text)
    book.tag(3, "good")
    book.archive(6)
    looked = book.prune(2, dry_run=True)
    assert looked.versions == (4, 6)
    why = {1: "previous", 2: "champion", 3: "tagged good", 5: "among the newest", 7: "candidate"}
    assert looked.kept == why
    assert book.folder(4).is_dir()
    size = sum(path.stat().st_size for number in (4, 6) for path in book.folder(number).rglob("*") if path.is_file())
    assert looked.freed_bytes == size
    assert book.prune(2) == looked
    assert [number for number in range(1, 8) if book.folder(number).exists()] == list(why)
    assert book.entry(4).state == "pruned"
    assert book.entry(4).version.name == "plant"
    assert finish(book.verify()) == []
    assert add("eight") == 8


def test_a_file_that_the_project_has_too_is_not_counted_as_freed(book: Registry, add: Add) -> None:
    number = add(large=True)
    path = book.folder(number) / "adapter" / "adapter_model.safetensors"
    if path.stat().st_nlink == 1:
        pytest.skip("this file system clones")
    add("two")
    assert book.prune(0, dry_run=True).freed_bytes < path.stat().st_size


def test_a_pruned_version_has_no_way_back(book: Registry, add: Add) -> None:
    one = add("one")
    add("two")
    book.prune(0)
    for step in (
        lambda: book.promote(one, instead_of=None, reason=""),
        lambda: book.archive(one),
        lambda: book.tag(one, "late"),
    ):
        with pytest.raises(UserError, match="files of version 1 were pruned"):
            step()


def test_a_project_without_an_index_is_no_version(book: Registry, tmp_path: Path) -> None:
    bare = Project(tmp_path / "bare", Recipe(name="plant"))
    bare.save()
    with pytest.raises(ArtifactMissing, match="index"):
        finish(book.add(bare))
    assert book.entries() == []
    assert list((book.path / "versions").glob("*")) == []


def test_a_project_of_another_name_is_refused(book: Registry, add: Add, tmp_path: Path) -> None:
    add()
    with pytest.raises(UserError, match="keeps versions of 'plant', and this project is 'papers'"):
        finish(book.add(small_project(tmp_path / "other", name="papers")))


def test_a_damaged_project_is_no_version_and_leaves_nothing_behind(book: Registry, tmp_path: Path) -> None:
    project = small_project(tmp_path / "project")
    (project.path / "index" / "facts.json").write_text("eno", encoding="utf-8")
    with pytest.raises(ArtifactCorrupt, match=r"facts.json is not the file"):
        finish(book.add(project))
    assert list((book.path / "versions").glob("*")) == []


def test_a_file_that_changes_while_it_is_taken_in_is_noticed(book: Registry, tmp_path: Path) -> None:
    project = small_project(tmp_path / "project")
    taking = book.add(project)
    next(taking)  # the artifacts were read, nothing was copied yet
    (project.path / "index" / "facts.json").write_text("eno", encoding="utf-8")
    with pytest.raises(ArtifactCorrupt, match=r"facts.json is not the file"):
        finish(taking)
    assert book.entries() == []


def test_artifacts_that_do_not_belong_together_are_named(book: Registry, tmp_path: Path) -> None:
    from loresmith.artifact import Plan
    from loresmith.recipe import EvaluateConfig, IndexConfig

    project = small_project(tmp_path / "project")
    index = artifact.read(project.path / "index", made_by="index")
    with artifact.create(project.path / "exam", Plan("evaluate", EvaluateConfig(), {"index": index})) as draft:
        (draft.path / "results.json").write_text(json.dumps({"cells": [], "verdict": {"headline": "Ship it."}}))
    assert finish(book.add(project)).apart == ()
    with artifact.create(project.path / "index", Plan("index", IndexConfig(), inputs={"text": "new"})) as draft:
        (draft.path / "facts.json").write_text("new", encoding="utf-8")
    version = finish(book.add(project))
    assert version.apart == ("evaluate: another index",)
    assert version.verdict == "Ship it."


@pytest.mark.parametrize(
    "rewrite",
    [
        "UPDATE versions SET record = '{}'",
        "DELETE FROM versions",
        "UPDATE files SET sha256 = ''",
        "DELETE FROM files",
        "UPDATE log SET reason = ''",
        "DELETE FROM log",
    ],
)
def test_the_database_refuses_to_rewrite_history(book: Registry, crown: Add, rewrite: str) -> None:
    crown()
    connection = sqlite3.connect(book.path / "registry.sqlite")
    with pytest.raises(sqlite3.IntegrityError, match="written once"):
        connection.execute(rewrite)
    connection.close()


def test_a_place_without_a_registry_is_said_with_the_way_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no registry at") as fault:
        Registry(tmp_path)
    assert "loresmith registry add" in fault.value.next_step
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_no_registry_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "registry.sqlite").write_bytes(b"not a database, but long enough to have a header" * 50)
    with pytest.raises(UserError, match="is no registry, or damaged"):
        Registry(tmp_path)


def test_versions_whose_database_was_lost_are_left_alone_and_not_overwritten(
    book: Registry, add: Add, tmp_path: Path
) -> None:
    folder = book.folder(add("one"))
    book.close()
    for path in book.path.glob("registry.sqlite*"):
        path.unlink()
    with Registry(book.path, create=True) as empty:
        with pytest.raises(UserError, match=r"versions/1 is there, and registry has no record of it"):
            finish(empty.add(small_project(tmp_path / "project", "two")))
        (fault,) = finish(empty.verify())
        assert (fault.path, fault.problem) == ("versions/1", "is there, and the registry has no record of it")
    assert (folder / "index" / "facts.json").read_text() == "one"
    assert [path.name for path in folder.parent.iterdir()] == ["1"]


def test_an_old_copy_of_the_database_costs_no_version(book: Registry, add: Add) -> None:
    add("one")
    old = sqlite3.connect(book.path.parent / "old.sqlite")
    with sqlite3.connect(book.path / "registry.sqlite") as now:
        now.backup(old)
    now.close(), old.close()
    add("two")
    book.close()
    for path in book.path.glob("registry.sqlite*"):
        path.unlink()
    (book.path.parent / "old.sqlite").rename(book.path / "registry.sqlite")
    with Registry(book.path) as restored:
        assert [fault.path for fault in finish(restored.verify())] == ["versions/2"]
        assert (restored.folder(2) / "index" / "facts.json").read_text() == "two"


def test_a_registry_of_a_later_layout_is_refused(book: Registry) -> None:
    connection = sqlite3.connect(book.path / "registry.sqlite")
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(UserError, match="has the layout 9"):
        Registry(book.path)
