"""What checks and acceptance journeys are written with: a scene of three ordinary accounts, and verdicts with evidence."""

from catalog.checking.people import Person
from catalog.checking.protocols import Customer, JobEnd, Letter, Profile
from catalog.checking.scene import Scene
from catalog.checking.verdict import Verdict, at_once, control, defect, failing, missing, safe

__all__ = [
    "Customer",
    "JobEnd",
    "Letter",
    "Person",
    "Profile",
    "Scene",
    "Verdict",
    "at_once",
    "control",
    "defect",
    "failing",
    "missing",
    "safe",
]
