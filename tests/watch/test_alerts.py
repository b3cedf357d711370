import hashlib
import hmac
import shutil
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from loresmith import plugins
from loresmith.errors import PackageMissing
from loresmith.records import Alert
from loresmith.watch.alerts import Alerts, Apprise, Mail, Unsent, Webhook
from tests.watch.receivers import hook, post_office

REFUSED = Alert(
    kind="refused",
    level="warning",
    title="Version 7 was refused:\r\nBcc: everybody@example.org\u2028",
    text="gsm8k fell by 6.0 [1.8, 9.8] points.\n.\nÄ\n",
    at="2026-03-29T01:30:00+00:00",
)


def mail(port: int, **more: object) -> Mail:
    given = {"security": "none", **more}
    return Mail("127.0.0.1", "watch@example.org", ("a@example.org", "b@example.org"), port=port, **given)  # type: ignore[arg-type]


def test_a_mail_arrives_whole_at_everybody_and_no_title_adds_a_header() -> None:
    with post_office() as office:
        mail(office.port).send(REFUSED)
    ((message, recipients, _),) = office.mails
    assert recipients == ["a@example.org", "b@example.org"]
    assert message["Subject"] == "[warning] Version 7 was refused: Bcc: everybody@example.org"
    assert message["Bcc"] is None
    assert message["Date"].datetime == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert message.get_content().replace("\r\n", "\n") == REFUSED.text


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 with its key, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    words += ["-days", "2", "-subj", "/CN=office", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path)]
    made = subprocess.run([*words, "-out", str(path.with_suffix(".crt"))], capture_output=True, check=True)
    assert made.returncode == 0
    path.write_bytes(path.read_bytes() + path.with_suffix(".crt").read_bytes())
    return path


def test_a_password_goes_over_an_encrypted_line_to_a_server_that_is_trusted(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LORESMITH_SMTP_PASSWORD", "open sesame")
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=certificate.with_suffix(".crt"))
    with post_office(context=ours, account=("watch", "open sesame")) as office:
        mail(office.port, security="starttls", user="watch", context=trusting).send(REFUSED)
        with pytest.raises(Unsent, match="did not take the mail"):
            mail(office.port, security="starttls", user="watch").send(REFUSED)  # nobody vouches for it
        monkeypatch.setenv("LORESMITH_SMTP_PASSWORD", "guess")
        with pytest.raises(Unsent, match=r"who are you\?") as fault:
            mail(office.port, security="starttls", user="watch", context=trusting).send(REFUSED)
    assert "guess" not in str(fault.value)
    assert [private for _, _, private in office.mails] == [True]


def test_a_password_never_goes_over_a_plain_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LORESMITH_SMTP_PASSWORD", "open sesame")
    with post_office(account=("watch", "open sesame")) as office, pytest.raises(Unsent, match="in the clear"):
        mail(office.port, user="watch").send(REFUSED)
    assert office.mails == []


def test_a_server_that_refuses_and_one_that_is_not_there_are_told_with_their_words() -> None:
    with post_office(refuses="mailbox full") as office, pytest.raises(Unsent, match="did not take the mail"):
        mail(office.port).send(REFUSED)
    with pytest.raises(Unsent, match="Connection refused"):
        mail(office.port).send(REFUSED)


def test_a_webhook_gets_the_alert_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LORESMITH_WEBHOOK_KEY", "key")
    with hook() as opened:
        Webhook(opened.url).send(REFUSED)
    ((headers, told, body),) = opened.posts
    assert told == REFUSED.model_dump(mode="json")
    expected = hmac.new(b"key", body, hashlib.sha256).hexdigest()
    assert headers["x-loresmith-signature"] == f"sha256={expected}"


@pytest.mark.parametrize("status", [500, 302, 404])
def test_a_webhook_that_does_not_take_it_is_said_without_its_token(status: int) -> None:
    with hook(status=status) as opened, pytest.raises(Unsent, match=f"at 127.0.0.1 answered {status}") as fault:
        Webhook(opened.url).send(REFUSED)
    assert "s3cret" not in str(fault.value)
    assert len(opened.posts) == 1  # no redirect is followed


@pytest.mark.parametrize(
    "url", ["ftp://host/s3cret", "file:///etc/s3cret", "s3cret", "http://[s3cret", "http://127.0.0.1:1/s3cret"]
)
def test_an_address_that_is_none_or_where_nobody_is_does_not_stand_in_the_error(url: str) -> None:
    with pytest.raises(Unsent) as fault:
        Webhook(url).send(REFUSED)
    assert "s3cret" not in str(fault.value)


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # apprise still looks for it
def test_apprise_delivers_and_says_when_it_cannot() -> None:
    pytest.importorskip("apprise", reason="the extra `alerts` is not installed")
    with hook() as opened:
        Apprise(opened.url.replace("http://", "json://")).send(REFUSED)
        opened.status = 500
        with pytest.raises(Unsent, match="could not deliver to json://") as fault:
            Apprise(opened.url.replace("http://", "json://")).send(REFUSED)
    assert "s3cret" not in str(fault.value)
    told = opened.posts[0][1]
    assert (told["type"], told["message"].splitlines()[0]) == ("warning", "gsm8k fell by 6.0 [1.8, 9.8] points.")
    assert told["title"] == "Version 7 was refused: Bcc: everybody@example.org"
    with pytest.raises(Unsent, match="knows no service"):
        Apprise("nonsense://s3cret").send(REFUSED)


class Kept:
    """A channel that keeps what it gets, or fails."""

    def __init__(self, failing: bool = False) -> None:
        self.failing, self.alerts = failing, list[Alert]()

    def send(self, alert: Alert) -> None:
        if self.failing:
            raise PackageMissing("pigeon", needed_for="this", extra="birds")
        self.alerts.append(alert)


class Watch:
    """Alerts with a clock that is told the time, as a process that starts now has them."""

    def __init__(self, folder: Path, *channels: Kept) -> None:
        self.moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
        self.folder = folder
        self.channels = {str(number): channel for number, channel in enumerate(channels)}

    def alerts(self) -> Alerts:
        return Alerts(self.channels, self.folder / "state" / "alerts.json", most=2, now=lambda: self.moment)


def test_too_many_of_a_kind_are_held_back_counted_and_told_later_across_restarts(tmp_path: Path) -> None:
    kept = Kept()
    watch = Watch(tmp_path, kept)
    for _ in range(5):
        watch.alerts().send("fell", "It fell", "To 60%.")
    assert [alert.text for alert in kept.alerts] == ["To 60%."] * 2
    assert watch.alerts().send("fell", "It fell", "").held_back
    assert watch.alerts().send("refused", "Another kind", "").sent == ("0",)
    watch.moment += timedelta(hours=1)
    watch.alerts().send("fell", "It fell", "To 50%.")
    assert kept.alerts[-1].held_back == 4
    assert kept.alerts[-1].text.endswith("4 more of this kind were held back before this one.")
    watch.alerts().send("fell", "It fell", "")
    assert kept.alerts[-1].held_back == 0


def test_one_channel_that_fails_stops_no_other_and_what_reached_nobody_does_not_count(tmp_path: Path) -> None:
    broken, kept = Kept(failing=True), Kept()
    watch = Watch(tmp_path, broken, kept)
    told = watch.alerts().send("fell", "It fell", "")
    assert told.sent == ("1",)
    assert "pigeon" in told.failed["0"]
    kept.failing = True
    for _ in range(3):
        assert watch.alerts().send("lost", "It is lost", "").failed.keys() == {"0", "1"}
    kept.failing = False
    assert watch.alerts().send("lost", "It is lost", "").sent == ("1",)


def test_a_clock_set_back_silences_nobody_and_a_torn_diary_neither(tmp_path: Path) -> None:
    kept = Kept()
    watch = Watch(tmp_path, kept)
    for _ in range(2):
        watch.alerts().send("fell", "It fell", "")
    watch.moment -= timedelta(days=300)
    assert watch.alerts().send("fell", "It fell", "").sent
    (tmp_path / "state" / "alerts.json").write_text('{"kinds": {"fell": {"sent": ["2026', encoding="utf-8")
    assert watch.alerts().send("fell", "It fell", "").sent


def test_a_long_text_is_cut_and_says_so(tmp_path: Path) -> None:
    kept = Kept()
    Watch(tmp_path, kept).alerts().send("fell", "It fell", "x" * 50_000)
    assert len(kept.alerts[0].text) < 20_100
    assert "cut after 20,000 characters" in kept.alerts[0].text


def test_the_channels_come_in_by_the_door_of_plug_ins() -> None:
    assert plugins.load(plugins.ALERTS, "webhook") is Webhook
    assert set(plugins.found(plugins.ALERTS)) >= {"mail", "webhook", "apprise"}
