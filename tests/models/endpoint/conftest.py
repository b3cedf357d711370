"""A server that answers, and misbehaves when a test tells it to."""

from collections.abc import Iterator

import pytest

from tests.stand_in import StandIn, Told, serving


@pytest.fixture
def server() -> Iterator[StandIn]:
    with serving() as state:
        yield state


@pytest.fixture(name="told")
def told_fixture() -> type[Told]:
    return Told
