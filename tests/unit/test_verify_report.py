"""The verifier is a second opinion, and its report says where, not only that."""

import subprocess
import sys

from concern.verify import Report, render


def test_it_shares_no_code_with_those_it_checks() -> None:
    script = "import sys, concern.verify; print(*sorted(n for n in sys.modules if n.startswith('services')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_type_counts_and_missing_is_not_none() -> None:
    check = Report().check("c")
    assert check.equal(1, 1, "f", "p")
    assert not check.equal(1.0, 1, "f", "p")
    assert not check.equal(b"a", "a", "f", "p")
    check.findings.clear()
    check.fields({"a": None, "b": 1}, {"a": None, "c": None}, "f", "row 1")
    assert [(each.place, each.what) for each in check.findings] == [
        ("row 1, b", "is 1, must be missing"),
        ("row 1, c", "is missing, must be None"),
    ]


def test_the_text_names_places_and_counts_the_rest() -> None:
    report = Report()
    check = report.check("entries")
    for row in range(8):
        check.must(False, "ledger.db", f"row {row}", "differs")
    text = render(report)
    assert "ledger.db: row 4: differs" in text
    assert "row 5" not in text
    assert "... and 3 more of: entries" in text
    assert text.endswith("NOT VERIFIED: 8 differences, first in ledger.db: row 0")
