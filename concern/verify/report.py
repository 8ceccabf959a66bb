"""What a verification found: checks with the places that differ, and their text for people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bus.ids import EpisodeId
from bus.money import Micros, dollars

State = Literal["settled", "voided", "cut short"]
"""`cut short`: the record ends without a last word, so it is no whole run."""

_MISSING = object()
"""Stands for a field that is not there, which is another thing than one that holds None."""
_SHOWN = 5
"""Findings of one check that the text names; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference, and where it is."""

    file: str
    """Relative to the run's directory."""
    place: str
    """Row, sequence number or message id, with the field: `events row 17 (billing-4), chain`."""
    what: str


@dataclass
class Check:
    """One promise of the record, looked at everywhere it is made."""

    name: str
    looked_at: int = 0
    findings: list[Finding] = field(default_factory=list[Finding])

    def must(self, holds: bool, file: str, place: str, what: str) -> bool:
        """Count one look; note a finding if the promise does not hold. Returns whether it does."""
        self.looked_at += 1
        if not holds:
            self.findings.append(Finding(file, place, what))
        return holds

    def equal(self, found: object, expected: object, file: str, place: str) -> bool:
        """`must` for two values that should be the same, in their type too: 1 is not 1.0, text is not bytes."""
        if type(found) is type(expected) and found == expected:
            self.looked_at += 1
            return True
        return self.must(False, file, place, f"is {_short(found)}, must be {_short(expected)}")

    def fields(self, found: Mapping[str, object], expected: Mapping[str, object], file: str, place: str) -> None:
        """`equal` for each field of two records, so that a finding names the field."""
        for name in sorted({*found, *expected}):
            self.equal(found.get(name, _MISSING), expected.get(name, _MISSING), file, f"{place}, {name}")


@dataclass
class Report:
    """The whole verification of one run."""

    episode: EpisodeId | None = None
    state: State = "cut short"
    reward: Micros | None = None
    """The settled sum as recomputed from the entries; None where nothing was settled: void is not zero."""
    entries: int = 0
    checks: list[Check] = field(default_factory=list[Check])
    notes: list[str] = field(default_factory=list[str])
    """What could not be looked at, and why that is no difference."""

    @property
    def findings(self) -> list[Finding]:
        return [finding for check in self.checks for finding in check.findings]

    @property
    def ok(self) -> bool:
        """Whether nothing differs."""
        return not self.findings

    def check(self, name: str) -> Check:
        """Add a check."""
        made = Check(name)
        self.checks.append(made)
        return made


def render(report: Report) -> str:
    """The report as text: a line a check, then every place that differs, then the verdict."""
    width = max((len(check.name) for check in report.checks), default=0)
    lines = [f"episode {report.episode or 'unknown'}: {report.state}"]
    for check in report.checks:
        verdict = "ok" if not check.findings else f"{len(check.findings)} DIFFER"
        lines.append(f"  {check.name:<{width}}  {check.looked_at:>8,} looked at  {verdict}")
    for check in report.checks:
        lines += [f"  ! {each.file}: {each.place}: {each.what}" for each in check.findings[:_SHOWN]]
        if len(check.findings) > _SHOWN:
            lines.append(f"  ! ... and {len(check.findings) - _SHOWN} more of: {check.name}")
    lines += [f"  - {note}" for note in report.notes]
    return "\n".join([*lines, _verdict(report)])


def _verdict(report: Report) -> str:
    if not report.ok:
        first = report.findings[0]
        return f"NOT VERIFIED: {len(report.findings)} differences, first in {first.file}: {first.place}"
    if report.reward is None:
        return f"verified: nothing differs, but the run is {report.state}: it has no reward"
    return f"verified: reward {dollars(report.reward)} in {report.entries:,} entries"


def _short(value: object, limit: int = 90) -> str:
    text = "missing" if value is _MISSING else repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."
