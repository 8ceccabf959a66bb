"""Releases: the archive of a git ref, made inside a sandbox and unpacked with suspicion outside it.

Git runs hooks and filters that the repository names, so it never runs on the workspace outside a sandbox; what comes
out is a stream of bytes from an untrusted program.
"""

import hashlib
import io
import os
import re
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bus.ids import derive_id
from services.cloud.errors import ProductError
from services.sandbox.sandbox import Completed, Sandbox
from services.sandbox.spec import MIB

MAX_BYTES = 64 * MIB
"""Of the archive, and of everything unpacked from it."""
MAX_FILES = 5_000
MAX_DEPTH = 32
MAX_INFRA_BYTES = 64 * 1024
GIT_SECONDS = 120.0
"""Generous cap in wall time on one git command; it decides nothing but that a hanging git is ended."""
_REF = re.compile(r"^[A-Za-z0-9_][A-Za-z0-9_./^~-]{0,199}$")


@dataclass(frozen=True)
class Release:
    """One deployable tree. Equal content has an equal id, whatever its history."""

    id: str
    commit: str
    files: int
    folder: Path
    """On the host; `/srv/app/<id>` inside."""


async def resolve(git: Sandbox, ref: str) -> str:
    """The commit that a ref names. ProductError("build") if there is none."""
    if not _REF.match(ref):
        raise ProductError("build", f"{ref!r} is not a git ref; give a branch, a tag or a commit")
    done = await _git(git, "rev-parse", "--verify", "--quiet", "--end-of-options", ref + "^{commit}")
    commit = done.stdout.decode("ascii", "replace").strip()
    if done.code != 0 or not re.fullmatch(r"[0-9a-f]{40,64}", commit):
        raise ProductError("build", f"no commit {ref!r} in the repository {done.stderr.decode(errors='replace')[:300]}")
    return commit


async def show(git: Sandbox, commit: str, path: str) -> bytes | None:
    """A small file of a commit (at most 64 kB), or None if it is not there."""
    done = await _git(git, "show", f"{commit}:{path}", cap=MAX_INFRA_BYTES)
    return None if done.code != 0 or done.truncated else done.stdout


async def build(git: Sandbox, ref: str, releases: Path) -> Release:
    """Archive a ref and unpack it below `releases`. ProductError("build") says what cannot be deployed."""
    commit = await resolve(git, ref)
    done = await _git(git, "archive", "--format=tar", commit, cap=MAX_BYTES)
    if done.truncated:
        raise ProductError("build", f"the tree of {ref} is larger than {MAX_BYTES // MIB} MiB")
    if done.code != 0:
        raise ProductError("build", f"git archive failed: {done.stderr.decode(errors='replace')[:500]}")
    files = read_archive(done.stdout)
    return _kept(files, commit, releases)


def from_folder(source: Path, releases: Path) -> Release:
    """A release made of a folder of ours, such as the pinned reference; it has no commit."""
    files = {
        str(path.relative_to(source)): File(path.read_bytes(), bool(path.stat().st_mode & 0o100))
        for path in sorted(source.rglob("*"))
        if path.is_file()
    }
    return _kept(files, "", releases)


def _kept(files: dict[str, "File"], commit: str, releases: Path) -> Release:
    release = derive_id("r", digest(files))
    folder = releases / release
    if not folder.exists():
        unpack(files, releases / f".{release}", folder)
    return Release(release, commit, len(files), folder)


@dataclass(frozen=True)
class File:
    """One regular file of an archive."""

    content: bytes
    executable: bool


def read_archive(data: bytes) -> dict[str, File]:
    """Regular files of a tar archive by path. ProductError("build") for anything that could point elsewhere."""
    files: dict[str, File] = {}
    total = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for member in archive:
                if member.isdir():
                    continue
                path = _checked_path(member)
                total += member.size
                if total > MAX_BYTES or len(files) >= MAX_FILES:
                    raise ProductError("build", f"more than {MAX_FILES} files or {MAX_BYTES // MIB} MiB")
                stream = archive.extractfile(member)
                assert stream is not None
                files[path] = File(stream.read(), bool(member.mode & 0o100))
    except tarfile.TarError as error:
        raise ProductError("build", f"the archive is damaged: {error}") from error
    return files


def digest(files: dict[str, File]) -> str:
    """SHA-256 over paths, executable bits and contents, in path order."""
    total = hashlib.sha256()
    for path, file in sorted(files.items()):
        line = f"{path}\0{int(file.executable)}\0{hashlib.sha256(file.content).hexdigest()}\n"
        total.update(line.encode("utf-8", "surrogateescape"))
    return total.hexdigest()


def unpack(files: dict[str, File], temporary: Path, folder: Path) -> None:
    """Write the files; the folder appears whole or not at all."""
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    for path, file in files.items():
        target = temporary / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as out:
            out.write(file.content)
        target.chmod(0o755 if file.executable else 0o644)
        os.utime(target, (0, 0))
    for parent, _, _ in os.walk(temporary):
        os.chmod(parent, 0o755)  # noqa: S103 (read inside by another account)
    temporary.rename(folder)


def _checked_path(member: tarfile.TarInfo) -> str:
    path = PurePosixPath(member.name)
    if not member.isreg():
        raise ProductError("build", f"{member.name}: only regular files and folders are deployed, no links or devices")
    if path.is_absolute() or ".." in path.parts or not path.parts or len(path.parts) > MAX_DEPTH:
        raise ProductError("build", f"{member.name}: not a path inside the release")
    return str(path)


async def _git(git: Sandbox, *arguments: str, cap: int = 64 * 1024) -> Completed:
    where = git.path("/workspace")
    done = await git.run(["git", "-C", where, *arguments], timeout=GIT_SECONDS, output_cap=cap)
    if done.timed_out:
        raise ProductError("build", f"git {arguments[0]} did not end within {GIT_SECONDS:g} s")
    return done
