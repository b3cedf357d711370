"""What starts a new round, what it does, and whom it tells."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from loresmith.recipe.sections import Section

VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]{0,63}$"


class AlertConfig(Section):
    """A way to people. Passwords and keys come from environment variables, never from a recipe."""

    channel: str = "webhook"
    """Name of the alert plug-in: `webhook`, `mail`, or `apprise` (an extra)."""
    url: str | None = None
    """Where a webhook or apprise sends to."""
    url_variable: str | None = Field(default=None, pattern=VARIABLE)
    """Environment variable with that address, where it holds a secret."""
    host: str | None = None
    """SMTP server."""
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    sender: str | None = None
    recipients: tuple[str, ...] = ()
    user: str | None = None
    """Whose password is in the environment variable LORESMITH_SMTP_PASSWORD."""

    @model_validator(mode="before")
    @classmethod
    def _read_line(cls, given: Any) -> Any:
        """An address alone is a webhook's."""
        return {"url": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _require_address(self) -> Self:
        if self.channel == "mail":
            if not (self.host and self.sender and self.recipients):
                raise ValueError("mail needs host, sender and recipients")
        elif (self.url is None) == (self.url_variable is None):
            raise ValueError(f"{self.channel} needs either url or url_variable")
        return self


class WatchConfig(Section):
    """What starts a new round, what it does, and whom it tells."""

    new_documents: bool = True
    """Whether documents that are new, changed or gone start one."""
    settle_seconds: float = Field(default=10.0, ge=0)
    """The documents must have been left alone for so long: who copies a folder is not half way."""
    train: Literal["now", "later"] = "now"
    """What changed documents lead to: `now` trains and examines in the same round; `later` makes the index current at
    once, and trains when `refresh` is due, the scheduled exam or the feedback is too bad, or somebody asks for it."""
    schedule: str | None = None
    """A cron line for the exam that the champion sits on current questions, such as `0 0 * * 0` for Sundays at
    midnight."""
    refresh: str | None = None
    """A cron line for rounds that train whatever happened, such as `0 3 1 * *` for each first of the month."""
    zone: str = "UTC"
    """Time zone of both, such as `Europe/Berlin`."""
    alert_below: float = Field(default=0.95, gt=0.0, le=1.0)
    """Share of the baseline (the accuracy with which the champion was promoted, and the share of thumbs up before it)
    below which an alert goes out and a round starts."""
    rejected: int | None = Field(default=None, ge=1)
    """Answers with a thumb down, since the last round that trained, that start one; none means that none do."""
    export: bool = False
    """Whether the candidate is also written as a GGUF file and sits the parity exam before the gate."""
    keep_versions: int | None = Field(default=None, ge=1)
    """Newest versions that keep their files after a round; none prunes nothing."""
    hook_port: int | None = Field(default=None, ge=0, le=65535)
    """Port on this machine at which `POST /round` starts one, for who knows the key in the environment variable
    LORESMITH_WATCH_KEY; none opens no port."""
    alerts: tuple[AlertConfig, ...] = ()
    """Where alerts go: addresses of webhooks, or `channel` and its keys."""
    alerts_per_hour: int = Field(default=3, ge=1)
    """Most alerts of a kind in an hour; the next one says how many were held back."""
