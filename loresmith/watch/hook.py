"""A small door for other programs: `POST /round` with the key asks for a round, and nothing else is answered.

It listens on this machine alone; who wants to call from elsewhere puts it behind a proxy that speaks TLS.
"""

import hmac
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from loresmith.errors import MachineError

PATH = "/round"
KEY_VARIABLE = "LORESMITH_WATCH_KEY"
FEWEST_LETTERS = 16


@contextmanager
def listening(port: int, key: str, ask: Callable[[], None]) -> Iterator[int]:
    """While the block lasts, each request with `key` calls `ask`; gives the port, which may have been 0.

    Raises:
        MachineError: the port is taken.
    """

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            given = self.headers.get("authorization", "").removeprefix("Bearer ").encode()
            if self.path != PATH:
                self._answer(404)
            elif not hmac.compare_digest(given, key.encode()):
                self._answer(401)
            else:
                ask()
                self._answer(202)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("content-length", "0")
            self.send_header("connection", "close")
            self.end_headers()

        def log_message(self, format: str, *given: object) -> None:
            """Say nothing: a library never prints."""

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Door)
    except OSError as fault:
        raise MachineError(
            f"Port {port} cannot be listened on: {fault.strerror}.", next_step="Choose another `watch.hook_port`."
        ) from fault
    thread = threading.Thread(target=server.serve_forever, name="hook", daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
