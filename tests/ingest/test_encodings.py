import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith.ingest.content import NotText
from loresmith.ingest.encodings import decoded

SENTENCE = "Die Prüfung öffnet um vier – sagt “sie”.\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_every_usual_encoding_is_understood(encoding: str) -> None:
    assert decoded((SENTENCE * 20).encode(encoding)) == SENTENCE * 20


def test_the_declared_encoding_is_tried_first() -> None:
    assert decoded("Привет, мир".encode("cp1251"), declared="windows-1251") == "Привет, мир"


def test_an_unknown_declared_encoding_does_no_harm() -> None:
    assert decoded(b"plain", declared="no-such-encoding") == "plain"


@pytest.mark.parametrize("raw", [bytes(range(256)) * 8, b"\x7fELF\x02\x01\x01" + bytes(500), b"\xff\xfe\x00\xd8" * 9])
def test_binary_content_is_no_text(raw: bytes) -> None:
    with pytest.raises(NotText):
        decoded(raw)


def test_a_stray_control_character_is_dropped_and_the_text_kept() -> None:
    assert decoded(b"a" * 1000 + b"\x07" + b"b") == "a" * 1000 + "b"


def test_line_ends_are_plain() -> None:
    assert decoded(b"one\r\ntwo\rthree\n") == "one\ntwo\nthree\n"


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1))
def test_any_text_survives_utf_8(text: str) -> None:
    assert decoded(text.encode()) == text.lstrip("\ufeff")
