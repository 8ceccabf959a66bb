"""Unified diffs against the product: applying, turning round, and telling whether two can be in one tree."""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from catalog.reading import CatalogError

_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@(.*)$")
_NOTHING = "/dev/null"


def git_environment(folder: Path) -> dict[str, str]:
    """For git in a folder of ours: nobody's settings, no repository above it."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "GIT_CEILING_DIRECTORIES": str(folder.resolve().parent),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }


def apply_patch(tree: Path, patch: str, name: str) -> None:
    """Apply a unified diff in a folder; lines may have moved, their context may not have changed.

    The tree must be ours (the good product, before the operator has it): git reads it here.
    """
    done = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"],
        cwd=tree,
        env=git_environment(tree),
        input=patch.encode(),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip()
        raise CatalogError(
            f"{name}: its patch does not apply to the product: {reason}; renew it (`concern catalog renew`)"
        )


def reverse_patch(patch: str) -> str:
    """A unified diff that undoes another one."""
    lines: list[str] = []
    for line in patch.splitlines(keepends=True):
        if line.startswith("--- "):
            lines.append(line)
        elif line.startswith("+++ "):
            before = lines.pop()
            lines += ["--- " + _side("a", line[4:]), "+++ " + _side("b", before[4:])]
        elif hunk := _HUNK.match(line):
            old, new = _span(hunk[1], hunk[2]), _span(hunk[3], hunk[4])
            lines.append(f"@@ -{new} +{old} @@{hunk[5]}\n")
        elif line.startswith("+"):
            lines.append("-" + line[1:])
        elif line.startswith("-"):
            lines.append("+" + line[1:])
        else:
            lines.append(line)
    return "".join(lines)


def _side(side: str, path: str) -> str:
    return path if path.strip() == _NOTHING else f"{side}/" + path.removeprefix("a/").removeprefix("b/")


def _span(start: str, count: str | None) -> str:
    return start if count is None else f"{start},{count}"


@dataclass(frozen=True, slots=True)
class Hunk:
    """One place that a patch changes, in lines of the file before it."""

    file: str
    first: int
    last: int
    changed: tuple[int, ...]
    """Lines taken out, and lines before which something is put in."""


def hunks(patch: str) -> Iterator[Hunk]:
    """The places that a patch changes."""
    file, lines = "", patch.splitlines()
    for number, line in enumerate(lines):
        if line.startswith("--- "):
            before, after = line[4:].strip(), lines[number + 1][4:].strip()
            file = (after if before == _NOTHING else before).removeprefix("a/").removeprefix("b/")
        elif found := _HUNK.match(line):
            first, count = int(found[1]), int(found[2] or 1)
            yield Hunk(file, first, first + count - 1, _changed(lines[number + 1 :], first, count))


def _changed(lines: list[str], first: int, count: int) -> tuple[int, ...]:
    at, changed = first, list[int]()
    for line in lines:
        if at >= first + count and not line.startswith("+"):
            break
        if line.startswith(("+", "-")):
            changed.append(at)
        if not line.startswith(("+", "\\")):
            at += 1
    return tuple(changed)


def touched(patch: str) -> set[str]:
    """Files that a patch changes, makes or removes."""
    return {hunk.file for hunk in hunks(patch)}


def overlap(one: str, other: str) -> str | None:
    """The file in which one patch changes what the other one needs, or None: then both go into one tree, in any order."""
    for mine in hunks(one):
        for theirs in hunks(other):
            if mine.file == theirs.file and (_disturbs(mine, theirs) or _disturbs(theirs, mine)):
                return mine.file
    return None


def _disturbs(one: Hunk, other: Hunk) -> bool:
    return any(other.first <= line <= other.last + 1 for line in one.changed)
