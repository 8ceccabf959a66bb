"""The same checked journeys as `benchmarks/clients.py`, by Locust's FastHttpUser. Arguments: port, token, project.

No runner and no waiting: the user's own client with its statistics, in as many greenlets as there are users. Each line on
stdin is a number of journeys.
"""

from gevent import monkey

monkey.patch_all()

import sys  # noqa: E402
import time  # noqa: E402

import gevent  # noqa: E402
from locust import FastHttpUser  # noqa: E402
from locust.env import Environment  # noqa: E402

PORT, TOKEN, PROJECT = sys.argv[1:4]
USERS = 4
API = "/api/v1/tasks"


class Program(FastHttpUser):
    """A customer's own program."""

    host = f"http://127.0.0.1:{PORT}"

    def journey(self, number: int) -> int:
        """Creates a task, reads it back, lists the tasks; returns how many of the three were not as they should be."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/json"}
        body = {"project_id": PROJECT, "title": f"Card {number}", "description": "See below.", "priority": "normal"}
        wrong, made = 0, ""
        with self.client.post(API, json=body, headers=headers, catch_response=True) as answer:
            created = answer.json() if answer.status_code == 201 else {}
            made = created.get("id", "")
            wrong += self._judge(answer, created.get("title") == body["title"])
        with self.client.get(f"{API}/{made}", headers=headers, name="read", catch_response=True) as answer:
            read = answer.json() if answer.status_code == 200 else {}
            same = read.get("title") == body["title"] and read.get("priority") == body["priority"]
            wrong += self._judge(answer, same)
        listed = f"{API}?project={PROJECT}&limit=50"
        with self.client.get(listed, headers=headers, name="list", catch_response=True) as answer:
            rows = answer.json()["items"] if answer.status_code == 200 else []
            wrong += self._judge(answer, made in {row["id"] for row in rows})
        return wrong

    @staticmethod
    def _judge(answer: object, good: bool) -> bool:
        answer.success() if good else answer.failure("not what was sent")
        return not good


def main() -> None:
    """Blocks of journeys; prints CPU seconds, requests and failed checks of each."""
    environment = Environment(user_classes=[Program])
    users = [Program(environment) for _ in range(USERS)]

    def work(place: int, count: int) -> int:
        return sum(users[place].journey(place * count + number) for number in range(count))

    print("ready", flush=True)
    for line in sys.stdin:
        each = int(line) // USERS
        begun = time.process_time()
        jobs = [gevent.spawn(work, place, each) for place in range(USERS)]
        gevent.joinall(jobs, raise_error=True)
        print(time.process_time() - begun, 3 * each * USERS, sum(job.value for job in jobs), flush=True)


if __name__ == "__main__":
    main()
