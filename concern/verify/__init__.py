"""Recomputing a finished run from its record. Imports neither billing nor the scorer: a second opinion."""

from concern.verify.report import Check, Finding, Report, render
from concern.verify.run import verify_run
from concern.verify.seal import seal_run

__all__ = ["Check", "Finding", "Report", "render", "seal_run", "verify_run"]
