"""File tools of the operator, run inside its sandbox by `services.gateway.workspace`: one JSON object on standard input,
one on standard output. Standard library only, no import of ours."""

import json
import os
import stat
import subprocess
import sys
from typing import Any

MAX_FILE = 8 << 20
"""Bytes of a file that is read or edited."""
MAX_TEXT = 100_000
"""Characters of text in one answer."""
MAX_LINE = 400
"""Characters of a line that a search shows."""


class Refusal(Exception):
    """Cannot be done; the arguments are code and detail."""


def resolve(roots: list[str], path: str) -> str:
    """The real path of a file below one of the roots, links followed. Relative paths start at the first root."""
    if "\0" in path:
        raise Refusal("bad_path", "a path has no NUL characters")
    real = os.path.realpath(os.path.join(roots[0], path))
    allowed = [os.path.realpath(root) for root in roots]
    if not any(real == root or real.startswith(root + "/") for root in allowed):
        raise Refusal("outside", f"{path} is outside {' and '.join(roots)}; give a path inside, or use bash")
    return real


def load(real: str, path: str) -> bytes:
    """A regular file's bytes."""
    try:
        found = os.stat(real)
    except (FileNotFoundError, NotADirectoryError):
        raise Refusal("no_file", f"there is no {path}; list files with bash (ls, git ls-files)") from None
    if stat.S_ISDIR(found.st_mode):
        raise Refusal("folder", f"{path} is a folder; list it with bash (ls)")
    if not stat.S_ISREG(found.st_mode):
        raise Refusal("not_regular", f"{path} is no regular file")
    if found.st_size > MAX_FILE:
        raise Refusal(
            "too_large", f"{path} has {found.st_size} bytes, more than {MAX_FILE}; use bash (head, sed, grep)"
        )
    with open(real, "rb") as file:
        return file.read(MAX_FILE)


def read(job: dict[str, Any]) -> dict[str, Any]:
    """Some lines of a text file."""
    data = load(resolve(job["roots"], job["path"]), job["path"])
    if b"\0" in data:
        raise Refusal("binary", f"{job['path']} is binary, {len(data)} bytes; use bash (file, od -c | head)")
    text = data.decode("utf-8", "replace")
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    shown: list[str] = []
    size = 0
    for line in lines[job["first_line"] - 1 : job["first_line"] - 1 + job["lines"]]:
        if size + len(line) > MAX_TEXT:
            if not shown:
                shown.append(line[:MAX_TEXT] + " [cut]")
            break
        shown.append(line)
        size += len(line)
    following = job["first_line"] + len(shown)
    return {
        "path": job["path"],
        "text": "\n".join(shown),
        "total_lines": len(lines),
        "next_line": following if shown and following <= len(lines) else None,
        "utf8": "\ufffd" not in text,
    }


def store(real: str, path: str, data: bytes, mode: str) -> None:
    """Write to a regular file, made if it is missing."""
    if os.path.lexists(real) and not os.path.isfile(real):
        raise Refusal("not_regular", f"{path} is no regular file")
    os.makedirs(os.path.dirname(real), exist_ok=True)
    with open(real, mode) as file:
        file.write(data)


def write(job: dict[str, Any]) -> dict[str, Any]:
    """Make or replace a file, or add to its end."""
    data = job["content"].encode()
    store(resolve(job["roots"], job["path"]), job["path"], data, "ab" if job["append"] else "wb")
    return {"path": job["path"], "bytes": len(data)}


def edit(job: dict[str, Any]) -> dict[str, Any]:
    """Replace a passage. Works on bytes, so the rest of a file in another encoding stays as it is."""
    real = resolve(job["roots"], job["path"])
    data = load(real, job["path"])
    old, new = job["old"].encode(), job["new"].encode()
    count = data.count(old)
    if count == 0:
        raise Refusal("not_found", f"`old` is not in {job['path']}; read the file and copy the passage exactly")
    if count > 1 and not job["replace_all"]:
        raise Refusal("ambiguous", f"`old` is in {job['path']} {count} times; add lines around it, or set replace_all")
    changed = data.replace(old, new)
    store(real, job["path"], changed, "wb")
    return {"path": job["path"], "bytes": len(changed), "replaced": count}


def search(job: dict[str, Any]) -> dict[str, Any]:
    """Lines that match an extended regular expression, in text files."""
    root = os.path.realpath(job["roots"][0])
    where = os.path.relpath(resolve(job["roots"], job["path"]), root)
    words = ["grep", "-rnIZE", "--exclude-dir=.git", "--exclude-dir=__pycache__"]
    words += ["-i"] if job["ignore_case"] else []
    words += [f"--include={job['include']}"] if job["include"] else []
    hits: list[dict[str, Any]] = []
    found = subprocess.Popen(
        [*words, "-e", job["pattern"], "--", where], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert found.stdout is not None
    assert found.stderr is not None
    for raw in found.stdout:
        name, _, rest = raw.decode("utf-8", "replace").rstrip("\n").partition("\0")
        number, _, line = rest.partition(":")
        if len(hits) == job["limit"]:
            found.kill()
            return {"hits": hits, "more": True}
        if number.isdigit():
            hits.append({"path": os.path.normpath(name), "line": int(number), "text": line[:MAX_LINE]})
    problem = found.stderr.read().decode("utf-8", "replace").strip()
    if found.wait() > 1 and not hits:
        raise Refusal("bad_search", problem[:500] or "grep failed")
    return {"hits": hits, "more": False}


def main() -> None:
    """Do one job."""
    job = json.loads(sys.stdin.read())
    work = {"read": read, "write": write, "edit": edit, "search": search}[job["do"]]
    try:
        answer = {"ok": work(job)}
    except Refusal as refusal:
        answer = {"refused": {"code": refusal.args[0], "detail": refusal.args[1]}}
    except OSError as error:
        answer = {"refused": {"code": "system", "detail": f"{job.get('path', '')}: {error.strerror}"}}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
