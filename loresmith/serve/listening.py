"""Work for a client that may hang up before it is done."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from fastapi import Request

from loresmith.serve.faults import Refused

STILL_THERE_SECONDS = 0.5
"""How often a request that waits is asked whether somebody still listens."""

Result = TypeVar("Result")


async def while_there(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """The result of `work`, which is cancelled when the client hangs up."""
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait({task}, timeout=STILL_THERE_SECONDS))[0]:
            if await request.is_disconnected():
                raise Refused("The client has gone.", status=499)
        return await task
    finally:
        task.cancel()
