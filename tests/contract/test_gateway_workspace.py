"""The operator's workspace in the real sandbox: what works there, and what does not get out."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from scripted_world import make_world

from agents.operator.duties.repairs import PATCH, REFRESH
from bus.messages.base import Refused
from services.gateway.workspace import BASH_OUTPUT, CommandEnded, FileText, FileWritten, Hits, Workspace

pytestmark = pytest.mark.anyio
SECRET = "the world's secret"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    repository = tmp_path / "workspace"
    repository.mkdir()
    (tmp_path / "world.json").write_text(SECRET)
    (repository / "app.py").write_text("def greet():\n    return 'hello'\n\n\ndef leave():\n    return 'bye'\n")
    git = ["git", "-c", "user.name=maker", "-c", "user.email=maker@localhost"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "Everything"]):
        subprocess.run([*git, *words], cwd=repository, check=True)
    return Workspace(make_world(tmp_path).world)


async def bash(workspace: Workspace, command: str, timeout_s: float = 60) -> CommandEnded:
    return await workspace.bash(command, timeout_s)


async def test_a_commit_at_simulated_time(workspace: Workspace) -> None:
    workspace.set_clock(datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC))
    done = await bash(
        workspace, "echo new > new.txt && git add . && git commit -qm More && git log --format=%cI && date"
    )
    assert done.exit_code == 0, done.output
    assert done.output.startswith("2026-03-04T05:06:07+00:00")
    assert "Wed Mar  4 05:06:0" in done.output


async def test_a_reference_fix_is_committed(workspace: Workspace) -> None:
    """As the oracle does it, in a repository that changed its owner."""
    hunk = "@@ -1,3 +1,3 @@\n def greet():\n-    return 'hello'\n+    return 'good day'\n \n"
    patch = f"--- a/app.py\n+++ b/app.py\n{hunk}"
    await workspace.write(PATCH, patch)
    done = await bash(workspace, f"{REFRESH}; git apply --index {PATCH} && git commit -q -m Fix && git rev-parse HEAD")
    assert done.exit_code == 0, done.output
    head = await bash(workspace, "git log -1 --format=%H%n%an; git status --short; grep -c 'good day' app.py")
    assert head.output.split() == [done.output.strip(), "operator", "1"]


async def test_the_tools_of_the_trade(workspace: Workspace) -> None:
    done = await bash(workspace, "python -c 'import sqlite3, pytest' && grep -c def app.py && git status --short")
    assert (done.exit_code, done.output.strip()) == (0, "2")


async def test_output_and_exit_code(workspace: Workspace) -> None:
    done = await bash(workspace, "echo one; echo two >&2; echo three; exit 3")
    assert done == CommandEnded(exit_code=3, output="one\ntwo\nthree\n", timed_out=False, cut=False)


async def test_huge_output_is_cut(workspace: Workspace) -> None:
    done = await bash(workspace, "head -c 3000000 /dev/zero | tr '\\0' x")
    assert (done.cut, len(done.output)) == (True, BASH_OUTPUT)


async def test_binary_output_is_text(workspace: Workspace) -> None:
    done = await bash(workspace, "printf '\\377\\376\\0ok'")
    assert done.output == "\ufffd\ufffd\0ok"


async def test_what_hangs_is_ended(workspace: Workspace) -> None:
    done = await bash(workspace, "echo begun; sleep 600 & wait", timeout_s=6)
    assert (done.timed_out, done.output) == (True, "begun\n")


async def test_nothing_outside_is_there(workspace: Workspace, tmp_path: Path) -> None:
    found = await bash(workspace, f"cat {tmp_path}/world.json; ls {tmp_path}; ln -s {tmp_path}/world.json out; cat out")
    assert SECRET not in found.output
    assert found.exit_code != 0


async def test_home_and_repository_stay(workspace: Workspace) -> None:
    await bash(workspace, "echo kept > ~/kept; echo kept > kept; echo lost > /tmp/lost")
    done = await bash(workspace, "cat ~/kept kept; ls /tmp")
    assert done.output == "kept\nkept\n"


async def test_reading_lines(workspace: Workspace) -> None:
    found = await workspace.read("app.py", 2, 2)
    assert found == FileText(path="app.py", text="    return 'hello'\n", total_lines=6, next_line=4, utf8=True)
    beyond = await workspace.read("app.py", 100, 2)
    assert isinstance(beyond, FileText)
    assert (beyond.text, beyond.next_line) == ("", None)


async def test_what_cannot_be_read_or_edited(workspace: Workspace) -> None:
    await bash(workspace, "ln -s /etc/passwd out; mkfifo pipe; printf 'a\\0b' > blob; truncate -s 9M big; mkdir folder")
    expected = {
        "../../etc/passwd": "outside",
        "/etc/passwd": "outside",
        "out": "outside",
        "folder/../../etc/hosts": "outside",
        "/workspace-other": "outside",
        "missing.py": "no_file",
        "app.py/below": "no_file",
        "folder": "folder",
        "pipe": "not_regular",
        "blob": "binary",
        "big": "too_large",
        "a\0b": "bad_path",
    }
    got: dict[str, str] = {}
    for path in expected:
        answer = await workspace.read(path, 1, 10)
        assert isinstance(answer, Refused), path
        got[path] = answer.code
    assert got == expected
    for path in ("out", "missing.py", "pipe", "big"):
        answer = await workspace.edit(path, "a", "b", replace_all=True)
        assert isinstance(answer, Refused), path
        assert answer.code == expected[path]


async def test_what_cannot_be_written(workspace: Workspace) -> None:
    await bash(workspace, "ln -s /tmp/elsewhere out; ln -s /tmp outside; mkdir folder; mkfifo pipe")
    codes: list[str] = []
    for path in ("../x", "/tmp/x", "out", "outside/x", "folder", "pipe", "app.py/below"):
        answer = await workspace.write(path, "text")
        assert isinstance(answer, Refused), path
        codes.append(answer.code)
    assert codes == ["outside"] * 4 + ["not_regular"] * 2 + ["system"]


async def test_texts_in_other_encodings(workspace: Workspace) -> None:
    await bash(workspace, "printf 'caf\\351 one\\n' > latin.txt")
    found = await workspace.read("latin.txt", 1, 10)
    assert isinstance(found, FileText)
    assert (found.text, found.utf8) == ("caf\ufffd one", False)
    assert isinstance(await workspace.edit("latin.txt", "one", "zwölf", replace_all=False), FileWritten)
    kept = await bash(workspace, "od -An -tx1 latin.txt")
    assert bytes.fromhex(kept.output) == b"caf\xe9 zw\xc3\xb6lf\n"


async def test_long_files_come_in_parts(workspace: Workspace) -> None:
    await workspace.write("long.txt", "\n".join(f"{number} " + "x" * 1000 for number in range(300)) + "\n")
    seen: list[str] = []
    following: int | None = 1
    while following is not None:
        part = await workspace.read("long.txt", following, 5000)
        assert isinstance(part, FileText)
        seen += part.text.split("\n")
        following = part.next_line
    assert [line.split()[0] for line in seen] == [str(number) for number in range(300)]
    await workspace.write("line.txt", "y" * 200_000)
    part = await workspace.read("line.txt", 1, 1)
    assert isinstance(part, FileText)
    assert part.text.endswith("y [cut]")


async def test_editing(workspace: Workspace) -> None:
    missing = await workspace.edit("app.py", "nowhere", "x", replace_all=False)
    twice = await workspace.edit("app.py", "return", "yield", replace_all=False)
    assert [answer.code for answer in (missing, twice) if isinstance(answer, Refused)] == ["not_found", "ambiguous"]
    both = await workspace.edit("app.py", "return", "yield", replace_all=True)
    assert isinstance(both, FileWritten)
    assert both.replaced == 2
    assert (await bash(workspace, "grep -c yield app.py")).output == "2\n"
    made = await workspace.write("new/deep/file.txt", "text")
    assert made == FileWritten(path="new/deep/file.txt", bytes=4)


async def test_an_edited_script_stays_executable(workspace: Workspace) -> None:
    await bash(workspace, "echo 'echo old' > run.sh; chmod 755 run.sh")
    await workspace.edit("run.sh", "old", "new", replace_all=False)
    assert (await bash(workspace, "./run.sh")).output == "new\n"


async def test_searching(workspace: Workspace) -> None:
    await workspace.write("docs/app.md", "def is a word\n")
    await bash(workspace, "printf 'def\\0' > blob; mkdir -p __pycache__; echo def > __pycache__/x.py; ln -s /etc etc")
    found = await workspace.search("^def (greet|leave)", ".", "*.py", ignore_case=False, limit=10)
    assert isinstance(found, Hits)
    assert [(hit.path, hit.line) for hit in found.hits] == [("app.py", 1), ("app.py", 5)]
    some = await workspace.search("DEF", ".", "", ignore_case=True, limit=2)
    assert isinstance(some, Hits)
    assert (len(some.hits), some.more) == (2, True)
    nothing = await workspace.search("nowhere", "app.py", "", ignore_case=False, limit=2)
    assert nothing == Hits(hits=(), more=False)


async def test_what_cannot_be_searched(workspace: Workspace) -> None:
    await bash(workspace, "ln -s /etc etc")
    for pattern, path, code in (
        ("(", ".", "bad_search"),
        ("x", "nowhere", "bad_search"),
        ("root", "/etc", "outside"),
        ("root", "etc", "outside"),
    ):
        answer = await workspace.search(pattern, path, "", ignore_case=False, limit=10)
        assert isinstance(answer, Refused), path
        assert answer.code == code


async def test_options_cannot_be_smuggled(workspace: Workspace) -> None:
    await workspace.write("-f", "hello\n")
    found = await workspace.search("-f", "-f", "--exclude=*", ignore_case=False, limit=10)
    assert isinstance(found, Hits)
    assert found.hits == ()


async def test_notes(workspace: Workspace) -> None:
    empty = await workspace.read_notes()
    assert isinstance(empty, FileText)
    assert empty.text == ""
    await workspace.write_notes("first\n", append=True)
    await workspace.write_notes("second\n", append=True)
    found = await workspace.read_notes()
    assert isinstance(found, FileText)
    assert found.text == "first\nsecond"
    await workspace.write_notes("only", append=False)
    assert (await bash(workspace, "cat ~/notes.md; git status --short")).output == "only"


async def test_hooks_and_configuration_run_inside_only(workspace: Workspace, tmp_path: Path) -> None:
    hook = "#!/bin/sh\nid -u > /workspace/who; touch /tmp/hooked\n"
    await workspace.write(".git/hooks/post-commit", hook)
    await bash(workspace, "chmod +x .git/hooks/post-commit; git commit -q --allow-empty -m x")
    who = await workspace.read("who", 1, 1)
    assert isinstance(who, FileText)
    assert who.text != "0"
    assert not Path("/tmp/hooked").exists()


async def test_a_world_without_a_workspace(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="workspace"):
        Workspace(make_world(tmp_path).world)


def test_the_script_is_plain_text_for_the_sandbox() -> None:
    script = Path(__file__).parents[2] / "services" / "gateway" / "workspace_script.py"
    imports = [line for line in script.read_text().splitlines() if line.startswith(("import ", "from "))]
    assert not any(name in line for line in imports for name in ("bus", "services", "pydantic"))
    assert json.dumps(imports)
