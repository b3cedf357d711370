"""A stand-in for the Hub on this machine; each visit is a process of its own, since the Hub's client reads its
environment once, when it is imported."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

COMMIT = "c0ffee" + "0" * 34
VISIT = """
import json, sys
from loresmith.errors import LoresmithError
from loresmith.models import locate
for base, revision in json.loads(sys.argv[1]):
    try:
        found = locate.find(base, revision)
        print(json.dumps({"path": str(found.path), "name": found.name, "kind": found.kind}))
    except LoresmithError as fault:
        print(json.dumps({"error": type(fault).__name__, "problem": fault.problem, "next_step": fault.next_step}))
"""


class Hub(BaseHTTPRequestHandler):
    """Serves `repositories` as the Hub does, as far as a download of one revision goes."""

    repositories: dict[str, dict[str, bytes]]
    asked: list[str]

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.asked.append(path)
        parts = path.strip("/").split("/")
        if parts[0] == "api":
            self.answer_about("/".join(parts[2:4]), parts[4:])
            return
        name, file = "/".join(parts[:2]), "/".join(parts[4:])
        content = self.repositories.get(name, {}).get(file)
        if content is None:
            self.send(404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        self.send(200, content, {"ETag": f'"{hashlib.sha1(content).hexdigest()}"', "X-Repo-Commit": COMMIT})

    def answer_about(self, name: str, rest: list[str]) -> None:
        if name == "acme/gated":
            self.send(403, b"{}", {"X-Error-Code": "GatedRepo"})
        elif name not in self.repositories:
            self.send(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        elif rest[:1] == ["revision"] and rest[1] not in ("main", COMMIT):
            self.send(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        elif rest[:1] == ["tree"]:
            files = self.repositories[name].items()
            rows = [
                {"type": "file", "path": path, "size": len(raw), "oid": hashlib.sha1(raw).hexdigest()}
                for path, raw in files
            ]
            self.send(200, json.dumps(rows).encode(), {"Content-Type": "application/json"})
        else:
            info = {"id": name, "sha": COMMIT, "siblings": [{"rfilename": path} for path in self.repositories[name]]}
            self.send(200, json.dumps(info).encode(), {"Content-Type": "application/json"})

    def send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


@pytest.fixture
def hub(tiny_model: Path) -> Iterator[str]:
    files = {path.name: path.read_bytes() for path in tiny_model.iterdir()}
    pickled = {name: raw for name, raw in files.items() if name != "model.safetensors"}
    Hub.repositories = {
        "acme/tiny": {**files, "README.md": b"# hello", "evil.py": b"raise SystemExit", "pytorch_model.bin": b"pickle"},
        "acme/pickled": {**pickled, "pytorch_model.bin": b"pickle"},
    }
    Hub.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def visit(home: Path, endpoint: str, *wanted: tuple[str, str | None], offline: bool = False) -> list[dict[str, Any]]:
    environment = {
        **os.environ, "HF_HOME": str(home), "HF_ENDPOINT": endpoint, "HF_HUB_OFFLINE": str(int(offline)),
        "TRANSFORMERS_OFFLINE": str(int(offline)), "HF_HUB_DISABLE_PROGRESS_BARS": "1", "NO_PROXY": "127.0.0.1",
    }  # fmt: skip
    command = [sys.executable, "-c", VISIT, json.dumps(wanted)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_model_is_fetched_without_pickles_and_code_and_is_there_afterwards_without_a_network(
    hub: str, tmp_path: Path, tiny_model: Path
) -> None:
    (first,) = visit(tmp_path, hub, ("acme/tiny", None))
    assert (first["kind"], first["name"]) == ("hub", "acme/tiny")
    fetched = {path.name for path in Path(first["path"]).iterdir()}
    assert fetched == {path.name for path in tiny_model.iterdir()}
    assert (Path(first["path"]) / "model.safetensors").read_bytes() == (tiny_model / "model.safetensors").read_bytes()
    Hub.asked.clear()
    assert visit(tmp_path, hub, ("acme/tiny", None), ("acme/tiny", "main")) == [first, first]
    assert Hub.asked == []
    assert visit(tmp_path, "http://127.0.0.1:9", ("acme/tiny", COMMIT), offline=True) == [first]


def test_a_cache_that_holds_the_tokenizer_alone_is_completed(hub: str, tmp_path: Path) -> None:
    (first,) = visit(tmp_path, hub, ("acme/tiny", None))
    (Path(first["path"]) / "model.safetensors").unlink()
    assert visit(tmp_path, hub, ("acme/tiny", None)) == [first]
    assert (Path(first["path"]) / "model.safetensors").is_file()


def test_what_the_hub_refuses_is_said_with_the_next_step(hub: str, tmp_path: Path) -> None:
    unknown, gated, revision, pickled = visit(
        tmp_path, hub, ("acme/none", None), ("acme/gated", None), ("acme/tiny", "v9"), ("acme/pickled", None)
    )
    assert "no such model on the Hub" in unknown["problem"]
    assert "licence" in gated["problem"]
    assert "hf download acme/gated" in gated["next_step"]
    assert "no revision 'v9'" in revision["problem"]
    assert "holds no weights" in pickled["problem"]


def test_out_of_reach_or_offline_names_the_command_that_gets_it(tmp_path: Path) -> None:
    wanted = [("acme/tiny", "v1")]
    for answer in (*visit(tmp_path, "http://127.0.0.1:9", *wanted), *visit(tmp_path, "x", *wanted, offline=True)):
        assert answer["error"] == "UserError"
        assert answer["problem"] == "acme/tiny is not in the local cache, and the Hub cannot be reached."
        assert "hf download acme/tiny --revision v1" in answer["next_step"]
