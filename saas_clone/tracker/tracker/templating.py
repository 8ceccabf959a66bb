"""Templates: Jinja2 with escaping always on."""

from datetime import date, datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tracker.assets import style_address

FOLDER = Path(__file__).parent / "templates"

STATUS_NAMES = {"todo": "To do", "doing": "Doing", "done": "Done"}
PRIORITY_NAMES = {"low": "Low", "normal": "Normal", "high": "High", "urgent": "Urgent"}
ROLE_NAMES = {"member": "Member", "admin": "Admin", "owner": "Owner"}
PLAN_NAMES = {"starter": "Starter", "team": "Team", "business": "Business"}


@cache
def environment() -> Environment:
    """Return the environment of all pages. A template is compiled when it is first used, once per process."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(moment=moment, day=day, dollars=dollars, size=size)
    made.globals.update(
        statuses=STATUS_NAMES,
        priorities=PRIORITY_NAMES,
        roles=ROLE_NAMES,
        plans=PLAN_NAMES,
        style=style_address(),
    )
    return made


def compile_all() -> None:
    """Compile every template, for a process whose children share them."""
    for name in environment().list_templates():
        environment().get_template(name)


def moment(value: datetime) -> str:
    """Write a moment for people."""
    return value.strftime("%d %b %Y, %H:%M UTC")


def day(value: date | None) -> str:
    """Write a date for people; a dash for none."""
    return value.strftime("%d %b %Y") if value else "–"


def dollars(cents: int) -> str:
    """Write an amount."""
    return f"${cents // 100:,}.{cents % 100:02}"


def size(count: int) -> str:
    """Write a number of bytes."""
    if count < 1024:
        return f"{count} bytes"
    return f"{count / 1024:.1f} kB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.1f} MB"
