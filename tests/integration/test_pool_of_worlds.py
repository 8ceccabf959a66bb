"""`concern pool` for real: a leased business is played and heard at the hub; stopped or killed, nothing is left."""

import json
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import nats
import pytest

from bus.credentials import Credentials
from bus.subjects import reward_position_subject
from concern import Episode
from concern.pool import KEY

pytestmark = [pytest.mark.anyio, pytest.mark.slow, pytest.mark.usefixtures("shared_cache")]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_leased_played_heard_and_gone(tmp_path: Path, number: signal.Signals) -> None:
    root = tmp_path / "pool"
    argv = [sys.executable, "-m", "concern", "pool", "examples/train/lab.toml", "--worlds", "1", "--group", "9"]
    argv += ["--out", str(root)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as pool, ExitStack() as stack:
        stack.callback(pool.kill)  # whatever happens in here, it ends
        assert pool.stdout is not None
        assert "1 worlds" in pool.stdout.readline()
        async with await Episode.lease(root) as episode:
            key = Credentials.read(root / KEY)
            at_hub = await nats.connect(
                key.url, user=key.user, password=key.password, inbox_prefix=key.inbox_prefix, name="test"
            )
            await episode.step({"tool": "wait"})
            asked = json.dumps({"seq": episode.reward.position}).encode()
            letter = await at_hub.request(reward_position_subject(episode.id), asked, timeout=10)
            assert json.loads(letter.data)["episode"] == episode.id
            await at_hub.close()
        pool.send_signal(number)
        pool.wait(timeout=60)
    left = ["pgrep", "-f", str(root)]
    for _ in range(200):  # the kernel kills what depends on a killed process one after the other
        if not subprocess.run(left, capture_output=True, check=False).stdout:
            break
    assert subprocess.run(left, capture_output=True, check=False).stdout == b""
    assert root.exists() is (number is signal.SIGKILL)
