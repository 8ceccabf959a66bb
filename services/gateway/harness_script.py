"""The operator's harness, run inside its sandbox by `services.gateway.harness`: one JSON object on standard input, one on
standard output. Standard library only, no import of ours.

What it says of a commit is the operator's word: whoever reads it keeps the files themselves and their digest.
"""

import base64
import json
import os
import re
import subprocess
import sys
import tempfile
from typing import Any

MAX_ARCHIVE = 1 << 20
"""Bytes of a harness, as git archives it."""
MAX_TOOLS = 16
MAX_DESCRIPTION = 16_384
"""Bytes of a tool's description."""
GIT_SECONDS = 10.0
"""Generous cap, in real time: it ends what hangs."""


class Broken(Exception):
    """A harness that cannot be used; the argument says why."""


def git(folder: str, words: list[str], most: int) -> bytes:
    """What git says about the harness's repository."""
    process = subprocess.Popen(
        ["git", "-C", folder, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    said = process.stdout.read(most + 1)
    if len(said) > most:
        process.kill()
        raise Broken(f"its files are larger than {most} bytes; commit less (git rm)")
    if process.wait(GIT_SECONDS):
        raise Broken(f"git {words[0]} does not work in {folder}; look with bash (git -C {folder} log, git fsck)")
    return said


def head(folder: str) -> str:
    """The newest commit. The folder itself must be the repository: git would go on to search above it."""
    if not os.path.isdir(os.path.join(folder, ".git")):
        raise Broken(f"{folder} is no git repository any more")
    commit = git(folder, ["rev-parse", "HEAD"], 200).decode("utf-8", "replace").strip()
    if not re.fullmatch(r"[0-9a-f]{40}", commit):
        raise Broken(f"{folder} has no commit at HEAD")
    return commit


def unpack(archive: str) -> str:
    """The files of a harness, in a fresh folder."""
    folder = tempfile.mkdtemp(prefix="harness-")
    done = subprocess.run(
        ["tar", "-x", "-C", folder], input=base64.b64decode(archive), capture_output=True, check=False
    )
    if done.returncode:
        raise Broken(f"its files cannot be unpacked: {done.stderr.decode('utf-8', 'replace')[-300:]}")
    return folder


def described(folder: str) -> list[dict[str, Any]]:
    """Name and content of every description in `tools/`; each must have its program beside it."""
    tools = os.path.join(folder, "tools")
    names = sorted(name[:-5] for name in os.listdir(tools) if name.endswith(".json")) if os.path.isdir(tools) else []
    if len(names) > MAX_TOOLS:
        raise Broken(f"it has {len(names)} tools, more than {MAX_TOOLS}")
    found: list[dict[str, Any]] = []
    for name in names:
        description, program = os.path.join(tools, f"{name}.json"), os.path.join(tools, name)
        if not (os.path.isfile(description) and os.path.getsize(description) <= MAX_DESCRIPTION):
            raise Broken(f"tools/{name}.json is no file of at most {MAX_DESCRIPTION} bytes")
        if not (os.path.isfile(program) and os.access(program, os.X_OK)):
            raise Broken(f"tools/{name} is missing or not executable (chmod +x, git update-index --chmod=+x)")
        try:
            with open(description, encoding="utf-8") as file:
                content = json.load(file)
        except ValueError as error:
            raise Broken(f"tools/{name}.json is not JSON: {error}") from None
        if not isinstance(content, dict):
            raise Broken(f"tools/{name}.json is no JSON object")
        found.append({"name": name, **content})
    return found


def newest(job: dict[str, Any]) -> dict[str, Any]:
    """The newest commit and, if nobody knows it yet, its files and tools."""
    commit = head(job["folder"])
    if commit in job["known"]:
        return {"commit": commit}
    try:
        archive = base64.b64encode(git(job["folder"], ["archive", commit], MAX_ARCHIVE)).decode()
        return {"commit": commit, "archive": archive, "tools": described(unpack(archive))}
    except Broken as broken:
        return {"commit": commit, "broken": broken.args[0]}


def compose(job: dict[str, Any]) -> dict[str, Any]:
    """What `context.py` makes of a request."""
    folder = unpack(job["archive"])
    done = subprocess.run(
        [sys.executable, "context.py"], cwd=folder, input=job["request"].encode(), capture_output=True, check=False
    )
    said = done.stderr.decode("utf-8", "replace").strip()[-800:]
    if done.returncode < 0:
        raise Broken(f"context.py was ended by signal {-done.returncode}: more than its CPU time or memory")
    if done.returncode:
        raise Broken(f"context.py ended with {done.returncode}: {said or 'no words'}")
    return {"output": done.stdout.decode("utf-8", "replace")}


def tool(job: dict[str, Any]) -> None:
    """Become one of the harness's own programs, in the repository, with its arguments on standard input."""
    program = os.path.join(unpack(job["archive"]), "tools", job["name"])
    arguments = tempfile.TemporaryFile()  # noqa: SIM115 (it stays open for the program)
    arguments.write(job["arguments"].encode())
    arguments.seek(0)
    os.dup2(arguments.fileno(), 0)
    os.dup2(1, 2)
    os.execv(program, [program])  # noqa: S606 (the operator's own program, in its sandbox)


def main() -> None:
    """Do one job."""
    job = json.loads(sys.stdin.read())
    try:
        if job["do"] == "tool":
            tool(job)
        answer = {"newest": newest, "compose": compose}[job["do"]](job)
    except Broken as broken:
        answer = {"broken": broken.args[0]}
    except (OSError, subprocess.SubprocessError) as error:
        answer = {"broken": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
