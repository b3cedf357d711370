"""A real server in a thread that answers like a model, and misbehaves when a test tells it to."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


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
    honest: Callable[[dict[str, Any]], str] = lambda asked: completion("{}")
    """The body of an honest answer."""
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
            body = (state.honest(request) if told.body is None else told.body).encode()
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


@contextmanager
def serving(honest: Callable[[dict[str, Any]], str] = lambda asked: completion("{}")) -> Iterator[StandIn]:
    """The server until the block ends."""
    state = StandIn(honest=honest)
    running = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state))
    running.daemon_threads = True
    state.url = f"http://127.0.0.1:{running.server_address[1]}/v1"
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield state
    running.shutdown()
    running.server_close()
    thread.join()
