"""The warm parent, inside the sandbox: loads modules once, then forks the product's processes on demand.

Speaks lines of JSON over its standard input, a socket. Standard library only, no import of ours. The one that forks
instances never imports the product: only its children do; the one that forks jobs of a release has its `jobs`
module loaded. Whoever listens outside believes nothing that either says and that matters.
Arguments: JSON list of libraries to load, a release's folder and module (or nothing).
Commands: `{"id", "argv" | "entry", "cwd", "env", "log", "limits"}` starts a process, `{"seen": pid}` lets its end be
collected.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import resource
import runpy
import select
import signal
import socket
import sys
import traceback
from typing import Any

PR_SET_PDEATHSIG = 1
PYTHONS = ("python", "python3")


def preload(modules: list[str]) -> None:
    """Import what is there; a missing library is the product's affair."""
    for name in modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def preload_product(folder: str, module: str) -> None:
    """Import a module of a release. What is wrong with it, or that it is not there, each job will find out for itself."""
    os.chdir(folder)
    sys.path.insert(0, folder)
    with contextlib.suppress(BaseException):  # the boundary to the product, whose modules may do anything
        importlib.import_module(module)
        if (orm := sys.modules.get("sqlalchemy.orm")) is not None:
            orm.configure_mappers()  # what each job would do at its first query, and half of its processor time


def die_with(parent: int) -> None:
    """Without a pid namespace nobody else ends a process whose warm parent was killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def become(job: dict[str, Any]) -> None:
    """In the child: take on the process that was asked for. Ends by running it."""
    os.setsid()
    output = os.open(job["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.closerange(3, 256)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for name, value in job["limits"].items():
        limit = getattr(resource, name)
        hard = resource.getrlimit(limit)[1]
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (most, most))
    if job["gc_threshold"]:
        gc.set_threshold(job["gc_threshold"])
    os.environ.update(job["env"])
    os.chdir(job["cwd"])
    sys.path.insert(0, job["cwd"])
    run(job.get("entry"), job.get("argv") or [])


def run(entry: str | None, argv: list[str]) -> None:
    """Call `module:function`, or run `python -m module ...` in this process, or become another program."""
    if entry:
        module, _, name = entry.partition(":")
        sys.argv = [module]
        getattr(importlib.import_module(module), name or "main")()
    elif len(argv) > 2 and argv[0] in PYTHONS and argv[1] == "-m":
        sys.argv = argv[2:]
        runpy.run_module(argv[2], run_name="__main__", alter_sys=True)
    else:
        os.execvpe(argv[0], argv, os.environ)  # noqa: S606 (no shell is wanted)


def child(job: dict[str, Any], parent: int) -> None:
    """Run the process and leave with its exit status, as `python` would."""
    code = 1
    try:
        die_with(parent)
        become(job)
        code = 0
    except SystemExit as leave:
        if leave.code is None or isinstance(leave.code, int):
            code = leave.code or 0
        else:
            sys.stderr.write(f"{leave.code}\n")
    except BaseException:  # the boundary to the product: whatever it raises is its own log's
        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):  # the same: it may have replaced these streams
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code & 0xFF)


def reap(control: socket.socket, unseen: set[int]) -> None:
    """Tell of every child that ended. One that the outside has not looked at yet stays a zombie until it has."""
    while True:
        try:
            found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if found is None or found.si_pid in unseen:
            return
        pid, status = os.waitpid(found.si_pid, 0)
        say(control, {"said": "ended", "pid": pid, "code": os.waitstatus_to_exitcode(status)})


def say(control: socket.socket, word: dict[str, Any]) -> None:
    """One line to the outside."""
    control.sendall(json.dumps(word).encode() + b"\n")


def main() -> None:
    """Load, say so, and fork for ever; the end of the socket is the end."""
    libraries, folder, module = sys.argv[1:4]
    preload(json.loads(libraries))
    if folder:
        preload_product(folder, module)
    gc.freeze()  # what is loaded stays: children need not look through it, and share its pages
    control = socket.socket(fileno=os.dup(0))
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    say(control, {"said": "ready"})
    pending = b""
    unseen: set[int] = set()
    while True:
        readable, _, _ = select.select([control, ended], [], [])
        if ended in readable:
            os.read(ended, 4096)
        if control in readable:
            data = control.recv(1 << 16)
            if not data:
                return
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                job = json.loads(line)
                if "seen" in job:
                    unseen.discard(job["seen"])
                else:
                    unseen.add(fork(control, job))
        reap(control, unseen)


def fork(control: socket.socket, job: dict[str, Any]) -> int:
    """Make one child and say its number."""
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        child(job, parent)
    say(control, {"said": "started", "id": job["id"], "pid": pid})
    return pid


if __name__ == "__main__":
    main()
