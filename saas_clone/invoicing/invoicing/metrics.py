"""Counters for Prometheus, per route and not per address: there are only so many."""

from bisect import bisect_left
from collections import Counter, defaultdict

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Of the latency histogram, in seconds."""


class Metrics:
    """Of this instance, since it started."""

    def __init__(self) -> None:
        self._answers: Counter[tuple[str, str, int]] = Counter()
        self._latency: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BOUNDS) + 1))
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._issued: Counter[str] = Counter()

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        self._answers[method, route, status] += 1
        self._latency[route][bisect_left(BOUNDS, seconds)] += 1
        self._seconds[route] += seconds

    def issued(self, kind: str) -> None:
        """Count one issued document."""
        self._issued[kind] += 1

    def text(self) -> str:
        """Render the exposition format, version 0.0.4."""
        lines = ["# TYPE invoicing_requests_total counter"]
        for (method, route, status), count in sorted(self._answers.items()):
            labels = f'method="{method}",route="{route}",status="{status}"'
            lines.append(f"invoicing_requests_total{{{labels}}} {count}")
        lines.append("# TYPE invoicing_request_seconds histogram")
        for route, counts in sorted(self._latency.items()):
            total = 0
            for bound, count in zip((*BOUNDS, "+Inf"), counts, strict=True):
                total += count
                lines.append(f'invoicing_request_seconds_bucket{{route="{route}",le="{bound}"}} {total}')
            lines.append(f'invoicing_request_seconds_sum{{route="{route}"}} {self._seconds[route]:.6f}')
            lines.append(f'invoicing_request_seconds_count{{route="{route}"}} {total}')
        lines.append("# TYPE invoicing_documents_issued_total counter")
        for kind, count in sorted(self._issued.items()):
            lines.append(f'invoicing_documents_issued_total{{kind="{kind}"}} {count}')
        return "\n".join(lines) + "\n"
