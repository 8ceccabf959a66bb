"""Counters for Prometheus. Kept per route, not per address: their number is bounded."""

from bisect import bisect_left
from collections import Counter, defaultdict

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper bounds of the latency histogram, in seconds."""


class Metrics:
    """Requests of this instance since it started."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._buckets: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BUCKETS) + 1))
        self._seconds: dict[str, float] = defaultdict(float)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        self._requests[method, route, status] += 1
        self._buckets[route][bisect_left(BUCKETS, seconds)] += 1
        self._seconds[route] += seconds

    def text(self) -> str:
        """Render the exposition format, version 0.0.4."""
        lines = ["# TYPE tracker_requests_total counter"]
        for (method, route, status), count in sorted(self._requests.items()):
            lines.append(
                f'tracker_requests_total{{method="{method}",route="{route}",status="{status}"}} {count}'
            )
        lines.append("# TYPE tracker_request_seconds histogram")
        for route, counts in sorted(self._buckets.items()):
            total = 0
            for bound, count in zip((*BUCKETS, "+Inf"), counts, strict=True):
                total += count
                lines.append(f'tracker_request_seconds_bucket{{route="{route}",le="{bound}"}} {total}')
            lines.append(f'tracker_request_seconds_sum{{route="{route}"}} {self._seconds[route]:.6f}')
            lines.append(f'tracker_request_seconds_count{{route="{route}"}} {total}')
        return "\n".join(lines) + "\n"
