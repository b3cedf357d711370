"""What the server counts, in Prometheus' text format. Every label takes few values, whatever clients send.

Not covered: several server processes behind one address; each counts for itself.
"""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from loresmith import __version__
from loresmith.serve.chronicle import Chronicle, Stretch, step_of

REQUEST_BOUNDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
FIRST_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64)
FAULT = 500
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Meter:
    """The counts of one server, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.chronicle = Chronicle()
        """The same over time, for the monitor."""
        self._requests = self._counter("requests", "Requests by route, method and status.", "route", "method", "status")
        self._seconds = self._histogram(
            "request_seconds", "From a request's head to its answer's end.", REQUEST_BOUNDS, "route"
        )
        self._clients = self._counter("client_requests", "Requests by the name of the key that opened.", "client")
        self._first = self._histogram(
            "first_piece_seconds", "From a question to its answer's first piece.", FIRST_BOUNDS
        )
        self._tokens = self._counter("tokens", "Tokens of questions (in) and answers (out).", "direction")
        self._answers = self._counter("answers", "Whole answers: cited, uncited or refused.", "kind")
        self._turned_away = self._counter("turned_away", "Requests not served: full, rate or timeout.", "reason")
        self._feedback = self._counter("feedback", "Thumbs on answers.", "value")
        for kind in ("cited", "uncited", "refused"):
            self._answers.labels(kind)  # a count that is there from the start can be compared with nothing
        for reason in ("full", "rate", "timeout"):
            self._turned_away.labels(reason)
        for value in ("up", "down"):
            self._feedback.labels(value)
        ProcessCollector(registry=self.registry)

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request has been answered."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

        def take(stretch: Stretch) -> None:
            stretch.requests += 1
            stretch.faults += status >= FAULT
            stretch.requested[step_of(seconds)] += 1

        self.chronicle.note(take)

    def client(self, name: str) -> None:
        """A request came in with the key called `name`."""
        self._clients.labels(name).inc()

    def first_piece(self, seconds: float) -> None:
        """An answer began so long after its question."""
        self._first.observe(seconds)
        self.chronicle.note(lambda stretch: stretch.first.update([step_of(seconds)]))

    def answer(self, kind: str, tokens_in: int, tokens_out: int) -> None:
        """An answer is whole."""
        self._answers.labels(kind).inc()
        self.chronicle.note(lambda stretch: stretch.answers.update([kind]))
        self._tokens.labels("in").inc(tokens_in)
        self._tokens.labels("out").inc(tokens_out)

    def turned_away(self, reason: str) -> None:
        """A request was not served."""
        self._turned_away.labels(reason).inc()

        def take(stretch: Stretch) -> None:
            stretch.turned_away += 1

        self.chronicle.note(take)

    def inside(self, questions: int) -> None:
        """So many questions are answered or wait, one of which has just come."""

        def take(stretch: Stretch) -> None:
            stretch.most_inside = max(stretch.most_inside, questions)

        self.chronicle.note(take)

    def feedback(self, value: str) -> None:
        """A thumb was stored."""
        self._feedback.labels(value).inc()

    def watch(self, inside: Callable[[], int], passages: Callable[[], int], version: Callable[[], str]) -> None:
        """Read these at each look: questions at the desk, passages in the index, the version that answers."""
        self.registry.register(_Sights(inside, passages, version))

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self.registry)

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(f"loresmith_{name}", told, labels, registry=self.registry)

    def _histogram(self, name: str, told: str, bounds: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"loresmith_{name}", told, labels, registry=self.registry, buckets=bounds)


class _Sights(Collector):
    """What is true now, asked for at each look."""

    def __init__(self, inside: Callable[[], int], passages: Callable[[], int], version: Callable[[], str]) -> None:
        self._inside, self._passages, self._version = inside, passages, version

    def describe(self) -> Iterator[Metric]:
        """Nothing, so that registering asks nobody."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """The sights as gauges."""
        inside = self._inside()
        yield _gauge("loresmith_questions_inside", "Questions that are answered or wait.", inside)
        yield _gauge("loresmith_questions_waiting", "Questions that wait for their turn.", max(inside - 1, 0))
        yield _gauge("loresmith_index_passages", "Passages in the index that is searched.", self._passages())
        told = GaugeMetricFamily("loresmith_expert", "1 for the version that answers.", labels=["version", "program"])
        told.add_metric([self._version(), __version__], 1)
        yield told


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(name, told, value=value)
