# ruff: noqa: S108 (the sandbox has a /tmp of its own)
"""The small files that a sandbox shows as its own (`/etc`, the virtual environment), and where inside paths lie."""

import os

from services.sandbox.interpreter import PREFIX, VENV, VERSION, Interpreter
from services.sandbox.spec import Isolation, SandboxSpec

ETC = {
    "passwd": "app:x:{uid}:{gid}:app:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
    "group": "app:x:{gid}:\nnogroup:x:65534:\n",
    "hosts": "127.0.0.1 localhost\n",
    "hostname": "app\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "resolv.conf": "",
    "timezone": "UTC\n",
    "gitconfig": "[safe]\n\tdirectory = *\n[user]\n\tname = operator\n\temail = operator@localhost\n",
}
"""Files of the own `/etc`. Git is told to trust the workspace: inside there is nobody else."""

SITE_PACKAGES = f"{VENV}/lib/{VERSION}/site-packages"
FAKETIME = "libfaketime/vendor/libfaketime/src/libfaketime.so.1"
SYSTEM_FAKETIME = (
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
)


class View:
    """The files of one sandbox, made below `spec.state`; with namespaces inside names are neutral, without they are the host's."""

    def __init__(self, spec: SandboxSpec, python: Interpreter) -> None:
        self.spec = spec
        self.python = python
        self.namespaces = spec.isolation is Isolation.FULL
        self.etc = spec.state / "etc"
        self.venv = spec.state / ("venv" if self.namespaces else "venv-host")
        self.tmp = spec.state / "tmp"
        self._make_etc()
        self._make_venv()
        if not self.namespaces:
            self.tmp.mkdir(exist_ok=True)
            self.tmp.chmod(0o1777)

    def path(self, inside: str) -> str:
        """Where a neutral path such as `/srv/app/x` really is for the program: itself, or a host path."""
        if self.namespaces:
            return inside
        places = [(bind.target, str(bind.source)) for bind in self.spec.binds]
        places += [("/tmp", str(self.tmp)), (VENV, str(self.venv)), (PREFIX, str(self.python.base))]
        if self.spec.clock is not None:
            places.append(("/srv/clock", str(self.spec.clock)))
        for target, source in sorted(places, key=lambda place: -len(place[0])):
            if inside == target or inside.startswith(target + "/"):
                return source + inside[len(target) :]
        return inside

    def environment(self) -> dict[str, str]:
        """Variables of every program inside; the spec's own come last."""
        env = {
            "PATH": f"{self.path(VENV)}/bin:/usr/local/bin:/usr/bin:/bin",
            "HOME": self.path("/tmp"),
            "TMPDIR": self.path("/tmp"),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        if not self.namespaces:
            env |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": str(self.etc / "gitconfig")}
        env |= self.libraries()
        library = self._faketime()
        if self.spec.clock is not None and library is not None:
            env |= {
                "LD_PRELOAD": library,
                "FAKETIME_TIMESTAMP_FILE": self.path("/srv/clock/now"),
                "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                # Its own guess repairs what our libc has right: timed waits then return at once, and threads that wait
                # for each other spin (measured: 20-130 ms of CPU for a request of 2 ms).
                "FAKETIME_FORCE_MONOTONIC_FIX": "0",
            }
        return env | dict(self.spec.env)

    def libraries(self) -> dict[str, str]:
        """Where the moved interpreter finds its shared library, if it has one."""
        if any((self.python.base / "lib").glob("libpython*.so*")):
            return {"LD_LIBRARY_PATH": self.path(f"{PREFIX}/lib")}
        return {}

    def _faketime(self) -> str | None:
        if (self.python.packages / FAKETIME).exists():
            return self.path(f"{SITE_PACKAGES}/{FAKETIME}")
        return next((name for name in SYSTEM_FAKETIME if os.path.exists(name)), None)

    def _make_etc(self) -> None:
        self.etc.mkdir(parents=True, exist_ok=True)
        account = self.spec.account
        for name, text in ETC.items():
            (self.etc / name).write_text(text.format(uid=account.uid, gid=account.gid))
        (self.etc / "alternatives").mkdir(exist_ok=True)
        local = self.etc / "localtime"
        if not local.is_symlink():
            local.symlink_to("/usr/share/zoneinfo/UTC")
        # libfaketime builds its file's name in a buffer that threads share: now and then one of them finds no such file,
        # and without this last resort would be told the host's time (measured: 1 call in 12,000 from three threads).
        faketimerc = self.etc / "faketimerc"
        if not faketimerc.is_symlink():
            faketimerc.symlink_to("/srv/clock/now")

    def _make_venv(self) -> None:
        packages = self.venv / "lib" / VERSION / "site-packages"
        if packages.exists():
            return
        (self.venv / "bin").mkdir(parents=True, exist_ok=True)
        base = PREFIX if self.namespaces else str(self.python.base)
        (self.venv / "pyvenv.cfg").write_text(f"home = {base}/bin\ninclude-system-site-packages = false\n")
        for name in ("python", "python3", VERSION):
            (self.venv / "bin" / name).symlink_to(f"{base}/bin/{VERSION}")
        packages.mkdir(parents=True)
        if not self.namespaces:
            for entry in sorted(self.python.packages.iterdir()):
                if entry.name not in self.python.hidden:
                    (packages / entry.name).symlink_to(entry)
