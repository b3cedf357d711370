"""A stand-in for the Hub on this machine, as far as writing a dataset or a model repository goes.

It keeps what real commits, branches and uploads would leave, so that a test can compare bytes. Answers and statuses are
those that the installed client reads: whoami, creation, validation of the card, preupload, the LFS batch, the commit as
NDJSON, and the tree.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote

TOKEN = "hf_" + "Right" * 6
API = re.compile(r"/api/(datasets|models)/([^/]+/[^/]+)(?:/([\w-]+)(?:/([^/]+))?)?")
APART = (".parquet", ".gguf", ".safetensors")
"""Suffixes of files that a new repository stores apart."""
Files = dict[str, tuple[bytes, bool]]
"""Path to the bytes and whether they are stored apart."""


@dataclass
class Repository:
    """Branches of commits of files."""

    private: bool = False
    kind: str = "dataset"
    commits: dict[str, Files] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    ignored: set[str] = field(default_factory=set)

    def add(self, branch: str, files: Files, message: str) -> str:
        """A commit on top of a branch; its id."""
        whole = {**self.commits.get(self.branches.get(branch, ""), {}), **files}
        commit = hashlib.sha1(f"{len(self.commits)} {sorted(whole)}".encode()).hexdigest()
        self.commits[commit] = whole
        self.branches[branch] = commit
        self.messages.append(message)
        return commit

    def files(self, branch: str = "main") -> dict[str, bytes]:
        """What a branch holds, without the file that the Hub itself makes."""
        held = self.commits[self.branches[branch]]
        return {path: raw for path, (raw, _) in held.items() if path != ".gitattributes"}


@dataclass
class Hub:
    """All repositories and stored files, what was asked, and what is to fail."""

    endpoint: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    stored: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    uploads: list[int] = field(default_factory=list)
    """Bytes of every upload to the store."""
    committed: list[list[str]] = field(default_factory=list)
    """Paths of every commit."""
    faults: dict[str, tuple[int, str]] = field(default_factory=dict)
    """`METHOD regex of the path` to the status and message that it is answered with."""
    before: dict[str, Callable[[], object]] = field(default_factory=dict)
    """`METHOD regex of the path` to what happens on the Hub just before it is answered."""

    def made(self, name: str, *, private: bool = False, kind: str = "dataset") -> Repository:
        """A new repository with the first commit that the Hub makes."""
        repository = self.repositories[name] = Repository(private, kind)
        repository.add("main", {".gitattributes": (b"*.parquet filter=lfs\n", False)}, "initial commit")
        return repository

    def calls(self, part: str) -> int:
        """How often a path with `part` in it was asked for."""
        return sum(part in path for _, path in self.asked)


class Handler(BaseHTTPRequestHandler):
    """One request."""

    hub: Hub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.answer(b"")

    def do_POST(self) -> None:
        self.answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def do_PUT(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            self.answer(body)
        else:
            self.do_POST()

    def answer(self, body: bytes) -> None:
        path = unquote(self.path.partition("?")[0])
        self.hub.asked.append((self.command, path))
        asked = f"{self.command} {path}"
        for moment, happens in self.hub.before.items():
            if re.search(moment, asked):
                happens()
        failed = next((answer for fault, answer in self.hub.faults.items() if re.search(fault, asked)), None)
        if failed is not None:
            self.send(failed[0], {"error": failed[1]})
        elif path.startswith("/store/"):
            self.store(path.removeprefix("/store/"), body)
        elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.send(401, {"error": "Invalid username or password."})
        else:
            self.answer_known(path, body)

    def answer_known(self, path: str, body: bytes) -> None:
        """To somebody whose token is right."""
        if path == "/api/whoami-v2":
            self.send(200, {"name": "me", "type": "user"})
        elif path == "/api/validate-yaml":
            self.send(200, {"errors": [], "warnings": []})
        elif path == "/api/repos/create":
            self.create(json.loads(body))
        elif path.endswith(".git/info/lfs/objects/batch"):
            self.batch(json.loads(body))
        else:
            self.about(self.path.partition("?")[0], body)

    def create(self, wanted: dict[str, Any]) -> None:
        name = f"{wanted['organization']}/{wanted['name']}"
        if wanted["organization"] not in ("me", "acme"):
            return self.send(403, {"error": "You don't have the rights to create a dataset under this namespace"})
        if name in self.hub.repositories:
            return self.send(409, {"error": "You already created this dataset repo"})
        self.hub.made(name, private=wanted.get("visibility") == "private", kind=wanted.get("type", "model"))
        return self.send(200, {"url": f"{self.hub.endpoint}/{name}"})

    def about(self, path: str, body: bytes) -> None:
        found = API.fullmatch(path)  # as sent: the slash in a branch's name is quoted
        known = self.hub.repositories.get(found[2]) if found else None
        if found is None or known is None or f"{known.kind}s" != found[1]:
            return self.send(404, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"})
        name, what, revision, repository = found[2], found[3] or "revision", unquote(found[4] or "main"), known
        if what == "branch":
            repository.branches[revision] = repository.branches["main"]
            return self.send(201, {})
        commit = repository.branches.get(revision, revision)
        if commit not in repository.commits:
            return self.send(404, {"error": f"Invalid rev id: {revision}"}, {"X-Error-Code": "RevisionNotFound"})
        files = repository.commits[commit]
        if what == "revision":
            return self.send(200, {"id": name, "sha": commit, "private": repository.private})
        if what == "tree":
            return self.send(200, [entry(path, *held) for path, held in files.items()])
        if what == "preupload":
            return self.send(200, {"files": [mode(file, files, repository) for file in json.loads(body)["files"]]})
        assert what == "commit"
        return self.commit(name, revision, [json.loads(line) for line in body.splitlines()])

    def batch(self, wanted: dict[str, Any]) -> None:
        objects = [dict(one) for one in wanted["objects"]]
        for one in objects:
            if one["oid"] not in self.hub.stored:  # what is stored already gets no action
                one["actions"] = {"upload": {"href": f"{self.hub.endpoint}/store/{one['oid']}", "header": {}}}
        self.send(200, {"transfer": "basic", "objects": objects})

    def store(self, oid: str, body: bytes) -> None:
        assert hashlib.sha256(body).hexdigest() == oid
        self.hub.stored[oid] = body
        self.hub.uploads.append(len(body))
        self.send(200, {})

    def commit(self, name: str, branch: str, lines: list[dict[str, Any]]) -> None:
        repository = self.hub.repositories[name]
        header, *changes = lines
        if header["value"].get("parentCommit", repository.branches[branch]) != repository.branches[branch]:
            return self.send(412, {"error": "A commit has happened since. Please refresh and try again."})
        files: Files = {}
        for change in changes:
            value = change["value"]
            if change["key"] == "file":
                files[value["path"]] = (base64.b64decode(value["content"]), False)
            else:
                assert change["key"] == "lfsFile"
                files[value["path"]] = (self.hub.stored[value["oid"]], True)
        self.hub.committed.append(sorted(files))
        commit = repository.add(branch, files, header["value"]["summary"])
        return self.send(
            200, {"commitUrl": f"{self.hub.endpoint}/datasets/{name}/commit/{commit}", "commitOid": commit}
        )

    def send(self, status: int, content: Any, headers: dict[str, str] | None = None) -> None:
        raw = json.dumps(content).encode()
        self.send_response(status)
        told = {"Content-Type": "application/json", "Content-Length": str(len(raw)), **(headers or {})}
        for name, value in told.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


def git_hash(raw: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(raw) + raw).hexdigest()


def entry(path: str, raw: bytes, is_apart: bool) -> dict[str, Any]:
    """A line of the tree. A file that is stored apart has the id of its pointer, not of its bytes."""
    told: dict[str, Any] = {"type": "file", "path": path, "size": len(raw), "oid": git_hash(raw)}
    if is_apart:
        told |= {"oid": git_hash(b"pointer"), "lfs": {"oid": hashlib.sha256(raw).hexdigest(), "size": len(raw)}}
        told["lfs"]["pointerSize"] = 130
    return told


def mode(file: dict[str, Any], files: Files, repository: Repository) -> dict[str, Any]:
    """How a file is to be sent: large kinds apart, others within the commit."""
    path = file["path"]
    told = {"path": path, "uploadMode": "lfs" if path.endswith(APART) else "regular"}
    held = files.get(path)
    oid = None if held is None else hashlib.sha256(held[0]).hexdigest() if held[1] else git_hash(held[0])
    return {**told, "shouldIgnore": path in repository.ignored, "oid": oid}


@contextmanager
def served() -> Iterator[Hub]:
    """A Hub that answers until the block ends."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Answering", (Handler,), {"hub": hub}))
    hub.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
