"""The last trusted act before bubblewrap, outside the sandbox. Run by path, in `python -I -S`.

It closes what descriptors were inherited: not every event loop's way of starting processes does. Root also lays a
stage: bubblewrap will run as an account of its own, which could not reach folders under a closed home (an interpreter
in `/root/.pyenv`), so the folders to be shown are first bound to a private tmpfs that only this process tree sees.
Standard library only, and no import of ours. Argument: one JSON object `{"argv": [...], "root": null or {"stage":
[[source, target], ...], "base": folder, "uid": int, "gid": int}}`.
"""

import ctypes
import json
import os
import sys

CLONE_NEWNS = 0x00020000
MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE = 0x2, 0x4, 0x1000, 0x4000, 0x40000
FAILED = 125
"""Exit status when the stage cannot be set; bubblewrap itself uses 1."""

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), what)


def mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """mount(2); raises OSError naming the target."""
    words = [None if word is None else word.encode() for word in (source, target, kind, data)]
    _check(_libc.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3]), target)


def stage(base: str, pairs: list[list[str]]) -> None:
    """Bind each source to its target below `base`, in a mount namespace of our own."""
    _check(_libc.unshare(CLONE_NEWNS), "mount namespace")
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    sources = [(os.open(source, os.O_PATH), target) for source, target in pairs]
    mount("tmpfs", base, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=0755")
    for descriptor, target in sources:
        opened = f"/proc/self/fd/{descriptor}"
        if os.path.isdir(opened):
            os.mkdir(target)
        else:
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
        mount(opened, target, None, MS_BIND)
        os.close(descriptor)


def drop(uid: int, gid: int) -> None:
    """Become the account for good."""
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def main() -> None:
    """Close, stage, drop, and become the command."""
    job = json.loads(sys.argv[1])
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    try:
        if job["root"]:
            stage(job["root"]["base"], job["root"]["stage"])
            drop(job["root"]["uid"], job["root"]["gid"])
        os.execve(job["argv"][0], job["argv"], {})  # noqa: S606 (no shell is wanted)
    except OSError as error:
        sys.stderr.write(f"sandbox: cannot set the stage: {error}\n")
        sys.exit(FAILED)


if __name__ == "__main__":
    main()
