"""Run the tests on a private Postgres: `python tests/on_postgres.py [arguments of pytest]`.

Makes a cluster in a temporary folder, listening on a unix socket only, runs the suite on it and removes it.
Postgres refuses to run as root: root starts it as `postgres`, or as `nobody`. Without Postgres or asyncpg
nothing is run, and that is said loudly.
"""

import getpass
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parent.parent
INSTALLED = Path("/usr/lib/postgresql")
CARELESS = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
"""No TCP; and what a crash would lose is lost anyway."""


def programs() -> Path | None:
    """Return the folder of the newest Postgres here."""
    found = sorted(INSTALLED.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3].split(".")[0]))
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(on_path))
    return found[-1].parent if found else None


def owner() -> str:
    """Return who shall run the cluster."""
    if os.getuid() != 0:
        return getpass.getuser()
    return "postgres" if "postgres" in {each.pw_name for each in pwd.getpwall()} else "nobody"


def skipped(reason: str) -> int:
    """Say that nothing was tested."""
    print(f"!! SKIPPED: the tests on Postgres: {reason}", file=sys.stderr)
    return 0


def main(arguments: list[str]) -> int:
    """Run pytest with these arguments and return its exit status."""
    binaries = programs()
    if binaries is None:
        return skipped("there is no initdb here; on Debian and Ubuntu: apt-get install postgresql")
    if find_spec("asyncpg") is None:
        return skipped("asyncpg is not installed; it comes with the extra postgres")
    user = owner()
    account = pwd.getpwnam(user)
    with tempfile.TemporaryDirectory(prefix="tracker-postgres-", dir="/tmp") as name:
        folder = Path(name)
        os.chown(folder, account.pw_uid, account.pw_gid)

        def run(program: str, *options: str) -> None:
            """Run one of Postgres' programs as the cluster's owner."""
            change = {"user": user, "group": account.pw_gid, "extra_groups": []} if os.getuid() == 0 else {}
            command = [str(binaries / program), "-D", str(folder / "cluster"), *options]
            subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, **change)

        run("initdb", "--auth=trust", "--username=tracker", "--encoding=UTF8", "--locale=C", "--no-sync")
        run(
            "pg_ctl",
            "start",
            "--wait",
            "--silent",
            "-l",
            str(folder / "log"),
            "-o",
            f"{CARELESS} -k {folder}",
        )
        try:
            url = f"postgresql://tracker@/postgres?host={folder}"
            environment = {**os.environ, "TRACKER_TEST_DATABASE_URL": url}
            tests = [sys.executable, "-m", "pytest", *arguments]
            return subprocess.run(tests, cwd=ROOT, env=environment).returncode
        finally:
            run("pg_ctl", "stop", "--wait", "--silent", "--mode=immediate")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
