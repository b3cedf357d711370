"""Bind an address, serve the application there, and stop in good order on Ctrl-C or SIGTERM."""

import errno
import signal
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from loresmith.errors import MachineError, UserError
from loresmith.serve.patience import PatientProtocol

MOST_CONNECTIONS = 500
"""Beyond these a client is told 503 at once; systems commonly let a process open 1,024 files."""
IDLE_SECONDS = 30
"""How long a connection may rest between requests. Clients let go after 5 to 15 seconds; where we were as quick as
they, a request now and then met a connection that was just being closed."""
SECONDS_TO_FINISH = 5
"""How long open answers may go on after the order to stop; open pages are cut off after it."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket on `host`; port 0 takes a free one.

    Raises:
        MachineError: the port is taken or may not be used.
        UserError: no such address belongs to this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as unknown:
        raise UserError(
            f"There is no address {host!r}.", next_step="Give one of this machine with --host."
        ) from unknown
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except OSError as fault:
        listening.close()
        raise _refusal(fault, host, port) from fault
    return listening


def address_of(listening: socket.socket) -> str:
    """Where a browser on this machine finds the socket."""
    host, port = listening.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # shown, not bound
        host = "127.0.0.1"
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def settings(app: ASGIApp, **more: Any) -> uvicorn.Config:
    """The settings of uvicorn for `app`: HTTP alone, from clients that do not keep it waiting."""
    return uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        access_log=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=IDLE_SECONDS,
        **more,
    )


def run(app: ASGIApp, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve `app` until Ctrl-C or SIGTERM; calls `ready` once requests are answered."""
    server = _Announcing(settings(app, log_level="warning", timeout_graceful_shutdown=SECONDS_TO_FINISH), ready)
    # uvicorn raises the signal again after its own good end; here that end is all that was asked for.
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.run(sockets=[listening])
    finally:
        for number, action in before.items():
            signal.signal(number, action)
        listening.close()


class _Announcing(uvicorn.Server):
    """Says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn starts, then the word that it has."""
        await super().startup(sockets)
        if self.started:
            self._ready()


def _refusal(fault: OSError, host: str, port: int) -> MachineError | UserError:
    if fault.errno == errno.EADDRINUSE:
        return MachineError(
            f"Port {port} of {host} is taken by another program.",
            next_step="Choose another with --port, or --port 0 for any free one.",
        )
    if fault.errno == errno.EACCES:
        return MachineError(f"Port {port} may not be used by this account.", next_step="Choose one above 1023.")
    return UserError(f"{host} is no address of this machine.", next_step="Give one of this machine with --host.")
