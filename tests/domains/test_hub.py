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

pytest.importorskip("datasets")

COMMIT = "c0ffee" + "0" * 34
CARD = """---
configs:
- config_name: plain
  data_files:
  - {split: train, path: plain/train.jsonl}
  - {split: test, path: plain/test.jsonl}
- config_name: exam
  data_files:
  - {split: test, path: exam/test.jsonl}
---
"""
VISIT = """
import json, sys
from loresmith.domains.hub import HubDataset, load
from loresmith.errors import LoresmithError
for wanted in json.loads(sys.argv[1]):
    try:
        portion, commit = load(HubDataset(*wanted), "sciq")
        rows = [[row.place, dict(row.content)] for row in portion.rows]
        print(json.dumps({"rows": rows, "commit": commit, "split": portion.split}))
    except LoresmithError as fault:
        print(json.dumps({"error": type(fault).__name__, "problem": fault.problem, "next_step": fault.next_step}))
"""


class Hub(BaseHTTPRequestHandler):
    """Serves one dataset repository as the Hub does, as far as `load_dataset` asks."""

    files: dict[str, bytes]
    asked: list[str]

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.asked.append(path)
        parts = path.strip("/").split("/")
        if parts[0] == "api":
            self.answer_about("/".join(parts[2:4]), parts[4:])
        elif "/".join(parts[1:3]) != "acme/science":
            self.send(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        elif (content := self.files.get("/".join(parts[5:]))) is None:
            self.send(404, b"", {"X-Error-Code": "EntryNotFound"})
        else:
            self.send(200, content, {"ETag": f'"{hashlib.sha1(content).hexdigest()}"', "X-Repo-Commit": COMMIT})

    def answer_about(self, name: str, rest: list[str]) -> None:
        if name != "acme/science":
            self.send(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        elif rest[:1] in (["tree"], ["paths-info"]):
            below = "/".join(rest[2:])
            rows: list[dict[str, Any]] = [
                {"type": "file", "path": path, "size": len(raw), "oid": hashlib.sha1(raw).hexdigest()}
                for path, raw in self.files.items()
                if path.startswith(below)
            ]
            rows += [{"type": "directory", "path": name, "oid": "0" * 40} for name in ("plain", "exam") if not below]
            self.send(200, json.dumps(rows).encode(), {"Content-Type": "application/json"})
        else:
            info = {"id": name, "sha": COMMIT, "siblings": [{"rfilename": path} for path in self.files]}
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
def hub() -> Iterator[str]:
    Hub.files = {
        "README.md": CARD.encode(),
        "plain/train.jsonl": b'{"question": "What beats?", "answer": "the heart"}\n',
        "plain/test.jsonl": b'{"question": "Secret?", "answer": "yes"}\n',
        "exam/test.jsonl": b'{"question": "Secret?", "answer": "yes"}\n',
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
        "HF_DATASETS_OFFLINE": str(int(offline)), "HF_DATASETS_DISABLE_PROGRESS_BARS": "1", "NO_PROXY": "127.0.0.1",
    }  # fmt: skip
    command = [sys.executable, "-c", VISIT, json.dumps(wanted)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_training_split_comes_from_the_hub_with_its_commit_and_stays_in_the_cache(hub: str, tmp_path: Path) -> None:
    (first,) = visit(tmp_path, hub, ("acme/science", "plain"))
    assert first["rows"] == [
        ["acme/science:plain, train row 1", {"question": "What beats?", "answer": "the heart"}],
    ]
    assert first["split"] == "train"
    assert first["commit"] == COMMIT
    (again,) = visit(tmp_path, "http://127.0.0.1:9", ("acme/science", "plain"), offline=True)
    assert again["rows"] == first["rows"]


def test_what_the_hub_does_not_have_is_said_with_what_it_has_and_how_a_copy_is_given(hub: str, tmp_path: Path) -> None:
    wanted = [("acme/science", "long"), ("acme/science", "exam"), ("acme/nothing", None)]
    configuration, split, repository = visit(tmp_path, hub, *wanted)
    assert configuration["error"] == "UserError"
    assert "'long'" in configuration["problem"]
    assert "['plain', 'exam']" in configuration["problem"]
    assert '"train"' in split["problem"]
    assert "['test']" in split["problem"]
    assert "acme/nothing" in repository["problem"]
    assert "--from sciq=FOLDER" in repository["next_step"]


def test_without_a_network_the_error_names_the_id_and_the_command_that_fetches_it(tmp_path: Path) -> None:
    (fault,) = visit(tmp_path, "http://127.0.0.1:9", ("allenai/sciq", None), offline=True)
    assert fault["error"] == "UserError"
    assert "allenai/sciq" in fault["problem"]
    assert "hf download allenai/sciq --repo-type dataset" in fault["next_step"]
