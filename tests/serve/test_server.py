import socket

import pytest
from fastapi import FastAPI

from loresmith.errors import MachineError, UserError
from loresmith.serve.server import address_of, bind, settings


def test_port_nought_takes_a_free_one() -> None:
    with bind("127.0.0.1", 0) as one, bind("127.0.0.1", 0) as other:
        assert one.getsockname()[1] != other.getsockname()[1]
        assert address_of(one) == f"http://127.0.0.1:{one.getsockname()[1]}/"


def test_a_taken_port_is_an_error_that_says_what_to_do() -> None:
    with bind("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(MachineError, match=f"Port {port} of 127.0.0.1 is taken") as fault:
            bind("127.0.0.1", port)
        assert "--port" in fault.value.next_step


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(UserError, match="no address of this machine"):
        bind("192.0.2.1", 0)


def test_an_unknown_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)  # no test asks a name server
    with pytest.raises(UserError, match="There is no address 'nowhere'"):
        bind("nowhere", 0)


def test_a_connection_rests_with_us_for_longer_than_with_a_client() -> None:
    assert settings(FastAPI()).timeout_keep_alive > 15  # aiohttp; httpx lets go after 5 seconds


def test_an_address_that_listens_everywhere_is_shown_as_this_machine() -> None:
    with bind("0.0.0.0", 0) as everywhere:
        assert address_of(everywhere).startswith("http://127.0.0.1:")
