import zipfile
from pathlib import Path

import pytest

from loresmith.errors import Unreadable
from loresmith.ingest.archives import check_archive
from loresmith.ingest.docx import DocxReader
from loresmith.ingest.epub import EpubReader
from loresmith.ingest.pptx import PptxReader
from loresmith.ingest.xlsx import XlsxReader
from loresmith.plugins import Reader


def archive(folder: Path, name: str, content: bytes) -> Path:
    path = folder / "archive.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, content)
    return path


def refusal(path: Path, **given: str) -> str:
    with pytest.raises(Unreadable) as fault:
        check_archive(path, **given)
    return fault.value.reason


def test_an_honest_archive_passes(tmp_path: Path) -> None:
    check_archive(archive(tmp_path, "a.xml", b"<a>text</a>"))


def test_a_part_that_unpacks_two_hundred_times_over_is_a_bomb(tmp_path: Path) -> None:
    assert "zip bomb" in refusal(archive(tmp_path, "image.png", bytes(30 << 20)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    assert "XML entities" in refusal(archive(tmp_path, "a.xml", "<!DOCTYPE a><a/>".encode(encoding)))


def test_a_web_page_may_have_a_document_type_but_no_entities(tmp_path: Path) -> None:
    check_archive(archive(tmp_path, "a.xhtml", b"<!DOCTYPE html><html/>"), forbidden="<!ENTITY")
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha">]><x>&a;</x>'
    assert "XML entities" in refusal(archive(tmp_path, "a.xhtml", laughs), forbidden="<!ENTITY")


def test_an_encrypted_part_is_named_as_such(tmp_path: Path) -> None:
    path = archive(tmp_path, "a.xml", b"<a/>")
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1  # the flags in the directory
    path.write_bytes(raw)
    assert refusal(path) == "encrypted; needs a password"


@pytest.mark.parametrize("reader", [DocxReader(), PptxReader(), XlsxReader(), EpubReader()])
@pytest.mark.parametrize(("place", "value"), [(10, 99), (20, 0xFF)], ids=["unknown packing", "damaged stream"])
def test_a_part_that_cannot_be_unpacked_is_a_damage(tmp_path: Path, reader: Reader, place: int, value: int) -> None:
    path = archive(tmp_path, "a.xml", b"".join(b"<a>%d</a>" % number for number in range(500)))
    raw = bytearray(path.read_bytes())
    if place == 10:
        raw[raw.index(b"PK\x01\x02") + place] = value  # the method in the directory
    else:
        raw[30 + len("a.xml") : 30 + len("a.xml") + place] = bytes([value]) * place
    path.write_bytes(raw)
    with pytest.raises(Unreadable, match="damaged, or no"):
        reader.read(path)
