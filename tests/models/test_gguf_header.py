from pathlib import Path

import pytest
from gguf import GGUFWriter

from loresmith.errors import UserError
from loresmith.models import gguf_header


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    writer = GGUFWriter(path, "llama")
    writer.add_context_length(640)
    writer.add_token_list(["<s>", "a", "b"])
    writer.add_token_types([3, 1, 1])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(2)
    writer.add_float32("llama.rope.freq_base", 500.0)
    writer.add_add_bos_token(True)
    writer.add_chat_template("{{ x }}")  # the last key: a text that is cut must be noticed
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    return path


def test_the_keys_are_read_as_the_reference_writes_them(file: Path) -> None:
    header = gguf_header.read(file)
    assert (header.context_length, header.bos, header.eos, header.chat_template) == (640, 0, 2, "{{ x }}")
    assert header.tokens == ("<s>", "a", "b")
    assert header.control_tokens == {0: "<s>"}
    assert header.plain_token == 1
    assert header.keys["llama.rope.freq_base"] == 500.0


def test_a_file_cut_off_anywhere_in_its_header_is_an_error_and_no_crash(file: Path, tmp_path: Path) -> None:
    whole = file.read_bytes()
    cut = tmp_path / "cut.gguf"
    for length in range(len(whole)):
        cut.write_bytes(whole[:length])
        with pytest.raises(UserError, match=r"cut\.gguf"):
            gguf_header.read(cut)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Export or fetch"):
        gguf_header.read(tmp_path / "none.gguf")
