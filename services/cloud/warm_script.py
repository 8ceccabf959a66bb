"""The warm parent, inside the sandbox: loads modules once, then forks the product's processes on demand.

Speaks lines of JSON over its standard input, a socket. Standard library only, no import of ours. The one that forks
instances never imports the product: only its children do; the one that forks jobs of a release has its `jobs`
module loaded. A process with `preload` is forked from a nest: a child, one per release, that has imported that module of
it and forks in its turn. Whoever listens outside believes nothing that any of them says and that matters.
Arguments: JSON list of libraries to load, a release's folder and module (or nothing).
Commands: `{"id", "argv" | "entry", "cwd", "env", "log", "limits", "preload"}` starts a process, `{"seen": pid}` lets its
end be collected, `{"retire": true}` (to a nest) asks for no more.
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
import threading
import traceback
from typing import Any, NoReturn

PR_SET_PDEATHSIG = 1
LINE_BYTES = 4096
"""Of one word that is not at its end; whoever goes on without one is not listened to any more."""
PYTHONS = ("python", "python3")
NESTS = 3
"""Releases that are kept loaded: that of now, the next one, and one to go back to. Older nests go with their last child."""


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


class Nest:
    """A release's nest as its parent sees it."""

    def __init__(self, pid: int, control: socket.socket) -> None:
        self.pid = pid
        self.control = control
        self.waiting: dict[str, dict[str, Any]] = {}
        """What it was asked for and has not started."""
        self.children: set[int] = set()
        self.pending = b""

    def send(self, word: dict[str, Any]) -> bool:
        """One line to the nest; False if it does not listen (any more)."""
        try:
            sent = self.control.send(line := encoded(word), socket.MSG_DONTWAIT)
        except OSError:
            return False
        return sent == len(line)

    def lines(self) -> list[bytes] | None:
        """What it has said; None at its end."""
        try:
            data = self.control.recv(1 << 16)
        except OSError:
            data = b""
        if not data or len(self.pending) > LINE_BYTES:
            return None
        *whole, self.pending = (self.pending + data).split(b"\n")
        return whole


class Server:
    """Forks for whoever is at the other end of `control`: the outside, or for a nest the warm parent."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.unseen: set[int] = set()
        self.nests: dict[tuple[str, str], Nest] = {}
        self.retired: list[Nest] = []
        self.unfit: set[tuple[str, str]] = set()
        self.retiring = False
        self.pending = b""

    def serve(self) -> None:
        """Say that it is ready, and fork for ever; the end of the socket is the end."""
        ended, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        self.say({"said": "ready"})
        while True:
            nests = {each.control: each for each in (*self.nests.values(), *self.retired)}
            readable, _, _ = select.select([self.control, ended, *nests], [], [])
            if ended in readable:
                os.read(ended, 4096)
            for control in readable:
                if control in nests:
                    self.relay(nests[control])
            if self.control in readable and not self.obey():
                return
            if not self.reap() and self.retiring:
                return

    def obey(self) -> bool:
        """Take commands; False at the end of the socket."""
        data = self.control.recv(1 << 16)
        if not data:
            return False
        *lines, self.pending = (self.pending + data).split(b"\n")
        for line in lines:
            word = json.loads(line)
            if "seen" in word:
                self.unseen.discard(word["seen"])
                for nest in (*self.nests.values(), *self.retired):
                    if word["seen"] in nest.children:
                        nest.send(word)
            elif "retire" in word:
                self.retiring = True
            elif not (word.get("preload") and self.ask_nest(word)):
                self.start(word)
        return True

    def start(self, job: dict[str, Any]) -> None:
        """Make one child and say its number."""
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            child(job, parent)
        self.unseen.add(pid)
        self.say({"said": "started", "id": job["id"], "pid": pid})

    def ask_nest(self, job: dict[str, Any]) -> bool:
        """Have the nest of its release start a process. False if it cannot, and it is to be started from here."""
        key = (job["cwd"], job["preload"])
        if key in self.unfit:
            return False
        nest = self.nests.get(key) or self.make_nest(key)
        if not nest.send({**job, "preload": None}):
            os.kill(nest.pid, signal.SIGKILL)  # it hangs, or is gone already
            return False
        nest.waiting[job["id"]] = job
        return True

    def make_nest(self, key: tuple[str, str]) -> Nest:
        """Fork a nest. The one that was made longest ago is asked for nothing more if there are too many."""
        ours, theirs = socket.socketpair()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            hatch(theirs, parent, *key)
        theirs.close()
        nest = self.nests[key] = Nest(pid, ours)
        self.say({"said": "nest", "pid": pid})
        while len(self.nests) > NESTS:
            oldest = self.nests.pop(next(iter(self.nests)))
            oldest.send({"retire": True})
            self.retired.append(oldest)
        return nest

    def relay(self, nest: Nest) -> None:
        """Pass on what a nest says of its own children: release code has run in it, so nothing else is heard."""
        lines = nest.lines()
        if lines is None:
            self.lose(nest)
            return
        for line in lines:
            with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
                word = json.loads(line)
                if word["said"] == "started" and nest.waiting.pop(word["id"], None):
                    nest.children.add(word["pid"])
                    self.say(word)
                elif word["said"] == "ended" and word["pid"] in nest.children:
                    nest.children.discard(word["pid"])
                    self.say(word)

    def lose(self, nest: Nest) -> None:
        """A nest is gone. If it could not start what it was asked for, its release is started without one from now on."""
        nest.control.close()
        if nest in self.retired:
            self.retired.remove(nest)
        for key in [key for key, each in self.nests.items() if each is nest]:
            del self.nests[key]
            if nest.waiting:
                self.unfit.add(key)
        for job in nest.waiting.values():
            self.start(job)

    def reap(self) -> bool:
        """Tell of every child that ended. One that the outside has not looked at yet stays a zombie until it has.

        False if there are no children.
        """
        while True:
            try:
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return False
            if found is None or found.si_pid in self.unseen:
                return True
            pid, status = os.waitpid(found.si_pid, 0)
            self.say({"said": "ended", "pid": pid, "code": os.waitstatus_to_exitcode(status)})

    def say(self, word: dict[str, Any]) -> None:
        """One line to whoever asks."""
        self.control.sendall(encoded(word))


def encoded(word: dict[str, Any]) -> bytes:
    """A line of JSON."""
    return json.dumps(word).encode() + b"\n"


def hatch(control: socket.socket, parent: int, folder: str, module: str) -> NoReturn:
    """In the child: be the nest of a release. What is left of its parent's is closed."""
    try:
        die_with(parent)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        mine = os.dup2(control.detach(), 3)
        os.closerange(4, 256)
        preload_product(folder, module)
        if threading.active_count() == 1:  # threads do not outlive a fork, and may hold locks that do
            gc.freeze()
            Server(socket.socket(fileno=mine)).serve()
    except BaseException:  # the boundary to the product: whatever it raises is the log's
        traceback.print_exc()
    finally:
        os._exit(0)


def main() -> None:
    """Load, and serve."""
    libraries, folder, module = sys.argv[1:4]
    preload(json.loads(libraries))
    if folder:
        preload_product(folder, module)
    gc.freeze()  # what is loaded stays: children need not look through it, and share its pages
    Server(socket.socket(fileno=os.dup(0))).serve()


if __name__ == "__main__":
    main()
