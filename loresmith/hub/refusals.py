"""What the Hub refuses, in the user's words: what went wrong, and the one next thing to do. No token gets into them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from loresmith.errors import UserError
from loresmith.hub.destination import Destination

AGAIN = "Run the same command again; what has arrived is not sent twice."
TOKENS = "https://huggingface.co/settings/tokens"


@contextmanager
def explained(destination: Destination, token: str) -> Iterator[None]:
    """Faults of the Hub's client come out as a `UserError` that says what to do.

    Raises:
        UserError: the Hub refused, answered nonsense, or is out of reach.
    """
    from huggingface_hub.errors import HfHubHTTPError

    # its bases: the error of the HTTP library that the client uses, which no answer at all raises too, and OSError
    bases = cast("tuple[type[Exception], ...]", HfHubHTTPError.__bases__)
    expected: tuple[type[Exception], ...] = (*bases, ValueError, RuntimeError)
    try:
        yield
    except expected as fault:
        problem, next_step = _refusal(fault, destination, bases)
        raise UserError(problem.replace(token, "***"), next_step=next_step) from fault


def _refusal(fault: Exception, destination: Destination, bases: tuple[type[Exception], ...]) -> tuple[str, str]:
    from huggingface_hub.constants import ENDPOINT
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    if isinstance(fault, OfflineModeIsEnabled):
        return "The Hub is switched off by HF_HUB_OFFLINE (or TRANSFORMERS_OFFLINE).", "Unset it for this command."
    if isinstance(fault, HfHubHTTPError):
        return _answered(fault, destination)
    if isinstance(fault, bases) and not isinstance(fault, OSError):
        return (
            f"The Hub at {ENDPOINT} cannot be reached ({type(fault).__name__}: {_line(str(fault))}).",
            f"Check the network, and HF_ENDPOINT where it is set. {AGAIN}",
        )
    if isinstance(fault, ConnectionError):  # hf_xet says no more than this, whatever the status was
        return (
            f"The Hub at {ENDPOINT} did not take a large file ({_line(str(fault))}).",
            f"Check the network, and that the token has the right to write. {AGAIN}",
        )
    if isinstance(fault, ValueError):  # a card that the Hub finds wrong, or no answer of a Hub at all
        lines = " ".join(str(fault).split())
        return f"The Hub at {ENDPOINT} does not take this: {lines}", "Repair what it names, and check HF_ENDPOINT."
    cause = fault.__cause__ or fault.__context__
    why = f" ({type(cause).__name__}: {_line(str(cause))})" if cause else ""
    return f"The push to {destination.repository} broke off: {_line(str(fault))}{why}", AGAIN


def _answered(fault: Exception, destination: Destination) -> tuple[str, str]:
    """An answer of the Hub with an error's number."""
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError

    assert isinstance(fault, HfHubHTTPError)
    name, status, said = destination.repository, fault.response.status_code, _line(fault.server_message or "")
    says = f" It says: {said}" if said else ""
    if isinstance(fault, RevisionNotFoundError):
        return (
            f"{name} has no branch {destination.branch!r}.",
            "Leave out --no-create to make it, or name one that it has.",
        )
    if isinstance(fault, RepositoryNotFoundError) and not isinstance(fault, GatedRepoError):
        return (
            f"There is no {destination.kind} {name} on the Hub, or the token may not see it.",
            "Leave out --no-create to make it, or check the spelling and the token's rights.",
        )
    if status == 401:
        return (
            f"The Hub does not accept the token.{says}",
            f"Set HF_TOKEN to one that is valid ({TOKENS}), or unset it and run `hf auth login`.",
        )
    if status == 403:
        return (
            f"The token may not write to {name}.{says}",
            f"Make a token with the right to write there ({TOKENS}), or choose another owner.",
        )
    if status in (409, 412):
        return f"{name} was changed by somebody else during this push.{says}", f"Look at it first. {AGAIN}"
    if status == 429:
        return f"The Hub asks for patience: too many questions.{says}", f"Wait a while. {AGAIN}"
    if status >= 500:
        return f"The Hub is in trouble (status {status}).{says}", f"Wait a while. {AGAIN}"
    return f"The Hub refuses the push to {name} (status {status}).{says}", "Repair what it names."


def _line(text: str) -> str:
    """The first line that is not empty."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
