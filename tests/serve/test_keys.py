import hashlib
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from loresmith.errors import UserError
from loresmith.serve.access import Access, Key, require_safe_address
from loresmith.serve.keys import Ring, read


def line(name: str, key: str) -> str:
    return f"{name} {hashlib.sha256(key.encode()).hexdigest()}\n"


def shows(key: str) -> Headers:
    return Headers({"authorization": f"Bearer {key}"})


def rewrite(path: Path, text: str) -> None:
    other = path.with_suffix(".new")
    other.write_text(text)
    other.replace(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "keys.txt"
    path.write_text("# who may\n\n" + line("ada", "key-of-ada") + line("ben", "key-of-ben"))
    return path


def test_each_key_opens_under_its_own_name_and_no_other_does(path: Path) -> None:
    ring = Ring(path, Key("master-key"))
    assert [ring.who(shows(key)) for key in ("key-of-ada", "key-of-ben", "master-key")] == ["ada", "ben", "key"]
    assert [ring.who(shows(key)) for key in ("", "wrong", "ada", hashlib.sha256(b"key-of-ada").hexdigest())] == (
        [None] * 4
    )


def test_signing_in_gives_a_cookie_that_ends_with_the_server(path: Path) -> None:
    ring = Ring(path)
    cookie = ring.enter("key-of-ada")
    assert ring.enter("wrong") is None
    assert ring.who(Headers({"cookie": f"loresmith={cookie}"})) == "ada"
    assert Ring(path).who(Headers({"cookie": f"loresmith={cookie}"})) is None


def test_a_key_is_taken_back_while_the_server_runs(path: Path) -> None:
    ring = Ring(path)
    cookie = ring.enter("key-of-ada")
    rewrite(path, line("ben", "key-of-ben") + line("cleo", "key-of-cleo"))
    assert ring.who(shows("key-of-ada")) is None
    assert ring.who(Headers({"cookie": f"loresmith={cookie}"})) is None
    assert ring.who(shows("key-of-cleo")) == "cleo"


def test_a_broken_file_changes_nothing_and_without_the_file_nobody_enters(path: Path) -> None:
    ring = Ring(path)
    rewrite(path, "ada not-a-sum\n")
    assert ring.who(shows("key-of-ada")) == "ada"
    path.unlink()
    assert ring.who(shows("key-of-ada")) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "holds 0 keys"),
        ("ada\n", "Line 1"),
        ("ada secret\n", "Line 1"),
        (line("a b", "x"), "Line 1"),
        (line("ada", "x") + line("ada", "y"), "Line 2 of .* repeats"),
        (line("ada", "x") + line("ben", "x"), "Line 2 of .* repeats"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_at_the_start(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "keys.txt").write_text(text)
    with pytest.raises(UserError, match=told):
        read(tmp_path / "keys.txt")


def test_a_missing_file_is_refused_and_a_good_one_allows_any_address(path: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        _ = Access(keys_file=tmp_path / "none.txt").key
    require_safe_address("0.0.0.0", None, path)
    assert Access("127.0.0.1", keys_file=path).hosts is None
