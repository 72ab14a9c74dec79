"""What the service tells Prometheus; labels are names of routes and verbs, never a user's text."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_INPUTS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """The numbers of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._latency = Histogram(
            "vartai_request_seconds",
            "From the head of a request to the end of its answer",
            ["method", "route", "status"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._batches = Histogram(
            "vartai_batch_inputs",
            "Inputs that were computed together",
            ["verb"],
            buckets=_INPUTS,
            registry=self.registry,
        )
        self._computing = Histogram(
            "vartai_batch_seconds",
            "Time that a batch was computed for",
            ["verb"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._rejections = Counter(
            "vartai_rejections", "Requests that were refused", ["reason"], registry=self.registry
        )
        self._ended = Counter(
            "vartai_sessions_ended", "Sessions that ended", ["reason"], registry=self.registry
        )
        self._gauges = {
            name: Gauge(f"vartai_{name}", told, registry=self.registry)
            for name, told in (
                ("queue_requests", "Requests that wait to be computed"),
                ("sessions", "Sessions that are kept"),
                ("session_bytes", "Bytes of their states"),
            )
        }

    def watch(self, name: str, value: Callable[[], float]) -> None:
        """Ask for a gauge's number whenever it is told."""
        self._gauges[name].set_function(value)

    def computed(self, group: str, inputs: int, seconds: float) -> None:
        """See `vartai.serve.service.line.Watcher`."""
        self._batches.labels(group).observe(inputs)
        self._computing.labels(group).observe(seconds)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self._latency.labels(method, route, str(status)).observe(seconds)

    def rejected(self, reason: str) -> None:
        """A request was refused."""
        self._rejections.labels(reason).inc()

    def ended(self, reason: str) -> None:
        """A session ended."""
        self._ended.labels(reason).inc()

    def tell(self) -> bytes:
        """The text that Prometheus reads."""
        return generate_latest(self.registry)
