"""Watch a world's reward with nothing but nats-py: python examples/01_trainer.py RUN/trainer.json."""

import asyncio
import json
import sys
from pathlib import Path

import nats


async def main(key: dict[str, str]) -> int:
    """Read the reward stream from its first message, however late we come, until the last word."""
    bus = await nats.connect(key["url"], user=key["user"], password=key["password"], inbox_prefix=key["inbox_prefix"])
    news = await bus.subscribe(f"reward.{key['episode']}.>")  # only tells that there is more to read
    earned, position = 0, 1
    while True:
        stored = await bus.request("$JS.API.DIRECT.GET.REWARD", json.dumps({"seq": position}).encode(), timeout=10)
        if (stored.headers or {}).get("Status"):  # 404: nothing at this position yet
            await news.next_msg(timeout=None)
            continue
        said, position = json.loads(stored.data), position + 1
        if said["type"] == "reward.entry/1":
            earned += said["amount"]
            print(f"tick {said['tick']:>5}  {said['amount'] / 1e6:>+12.2f}  {said['kind']} ({said['cause']['actor']})")
        elif said["type"] == "reward.status/1" and said["state"] == "settled":
            print(f"settled: {earned} micro-dollars, of {said['sum']} told")
            return 0 if said["sum"] == earned else 1
        elif said["type"] == "reward.status/1" and said["state"] == "voided":
            print(f"voided: no reward, which is not zero ({said['failure_kind']}: {said['reason']})")
            return 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(json.loads(Path(sys.argv[1]).read_text()))))
