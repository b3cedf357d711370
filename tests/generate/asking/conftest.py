"""A real server in a thread that answers like a model, and misbehaves when a test tells it to."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from loresmith import artifact, chunk
from loresmith.artifact import Artifact, Plan
from loresmith.progress import finish
from loresmith.recipe import ChunkConfig, EndpointConfig, GenerateConfig, IngestConfig
from loresmith.records import Document

SENTENCE = re.compile(r"The ([a-z]+) valve opens at (\d+) bar\.")
NUMBERED = re.compile(r"^(\d+)\. .*?the ([a-z]+) valve", re.MULTILINE)


@dataclass
class Told:
    """What the server does with one request: a status with headers, a body, or a wait."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    """`None`: the honest answer."""
    seconds: float = 0.0
    seconds_per_byte: float = 0.0


@dataclass
class StandIn:
    """The server as tests see it."""

    url: str = ""
    decide: Callable[[dict[str, Any], int], Told] = lambda asked, before: Told()
    """Called with the request and how often its prompt came before."""
    asked: list[dict[str, Any]] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    """Prompts whose answer was sent with status 200."""
    keys: list[str | None] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    under_way: int = 0
    most_under_way: int = 0

    def times(self, part: str) -> int:
        """How often a prompt that holds `part` came."""
        return sum(part in prompt_of(request) for request in self.asked)


def prompt_of(request: dict[str, Any]) -> str:
    return str(request["messages"][-1]["content"])


def asked_for(request: dict[str, Any]) -> str:
    """`facts`, `answers` or `verdicts`."""
    schema = request.get("response_format", {}).get("json_schema", {}).get("schema", {})
    return str(schema.get("required", ["facts"])[0])


def honest(request: dict[str, Any]) -> dict[str, Any]:
    """What a good model would say."""
    if asked_for(request) == "facts":
        return _facts(request)
    prompt = prompt_of(request)
    pressures = {found[1]: found[2] for found in SENTENCE.finditer(prompt)}
    asked = [(int(found[1]), found[2]) for found in NUMBERED.finditer(prompt)]
    if asked_for(request) == "answers":
        rows = [{"number": number, "answer": f"at {pressures[name]} bar"} for number, name in asked]
        return {"answers": rows}
    return {"verdicts": [{"number": number, "verdict": "yes", "reason": ""} for number, _ in asked]}


def _facts(request: dict[str, Any]) -> dict[str, Any]:
    """Every sentence about a valve as a fact, with two wordings."""
    return {
        "facts": [
            {
                "quote": found[0],
                "answer": f"{found[2]} bar",
                "kind": "number",
                "subject": f"{found[1]} valve",
                "questions": [
                    f"At what pressure does the {found[1]} valve open?",
                    f"How high must the pressure be for the {found[1]} valve to open?",
                ],
                "wrong_answers": ["5.5 bar", "6.5 bar", "7.5 bar"],
            }
            for found in SENTENCE.finditer(prompt_of(request))
        ]
    }


def completion(content: str | None, finish: str = "stop") -> str:
    message = {"role": "assistant", "content": content}
    usage = {"prompt_tokens": 100, "completion_tokens": 40}
    return json.dumps({"choices": [{"message": message, "finish_reason": finish}], "usage": usage})


def _handler(state: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with state.lock:
                before = sum(prompt_of(other) == prompt_of(request) for other in state.asked)
                state.asked.append(request)
                state.keys.append(self.headers.get("Authorization"))
                state.under_way += 1
                state.most_under_way = max(state.most_under_way, state.under_way)
            told = state.decide(request, before)
            time.sleep(told.seconds)
            body = (completion(json.dumps(honest(request))) if told.body is None else told.body).encode()
            with state.lock:
                state.under_way -= 1
                if told.status == 200:
                    state.answered.append(prompt_of(request))
            try:
                self.send_response(told.status)
                for name, value in told.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                step = 1 if told.seconds_per_byte else len(body) or 1
                for start in range(0, len(body), step):
                    self.wfile.write(body[start : start + step])
                    time.sleep(told.seconds_per_byte)
            except OSError:
                self.close_connection = True  # the caller has gone

        def log_message(self, format: str, *args: object) -> None:
            return

    return Handler


@pytest.fixture
def server() -> Iterator[StandIn]:
    state = StandIn()
    running = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state))
    running.daemon_threads = True
    state.url = f"http://127.0.0.1:{running.server_address[1]}/v1"
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield state
    running.shutdown()
    running.server_close()
    thread.join()


@pytest.fixture
def config(server: StandIn) -> Callable[..., GenerateConfig]:
    """Settings for the stand-in; keys of the endpoint section as arguments."""

    def make(**endpoint: Any) -> GenerateConfig:
        known: dict[str, Any] = {"base_url": server.url, "concurrency": 4, "timeout_seconds": 5.0, **endpoint}
        return GenerateConfig(teacher="openai:stand-in", wordings=2, endpoint=EndpointConfig(**known))

    return make


@pytest.fixture
def valves(tmp_path: Path) -> dict[str, Artifact]:
    """Three documents of one chunk each, with one fact each."""
    with artifact.create(tmp_path / "documents", Plan("ingest", IngestConfig())) as draft:
        for number, name in enumerate(("relief", "check", "gate")):
            text = f"# The {name} valve\n\nThe {name} valve opens at {number + 3} bar. Nothing more is said of it.\n"
            place = {"id": f"{number:016}", "source": f"{name}.md", "title": name, "format": "md", "pages": None}
            draft.keep(Document.model_validate({**place, "sha256": "0" * 64, "text": text}))
    documents = artifact.read(tmp_path / "documents", made_by="ingest")
    chunks = finish(chunk.run(Plan("chunk", ChunkConfig(), {"ingest": documents}), tmp_path / "chunks"))
    return {"ingest": documents, "chunk": chunks}


@pytest.fixture(name="told")
def told_fixture() -> type[Told]:
    return Told


@pytest.fixture(name="completion")
def completion_fixture() -> Callable[..., str]:
    return completion
