"""The command line: ``python -m tracker serve | migrate | seed FILE | job NAME``."""

import argparse
import sys

from tracker.settings import SettingsError

JOBS = ("reminders", "digest", "cleanup", "webhooks", "recurring")


def main() -> int:
    """Run one command and return the exit status. What a command does not need is not imported."""
    parser = argparse.ArgumentParser(prog="python -m tracker", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="listen on TRACKER_SOCKET or TRACKER_PORT")
    commands.add_parser("migrate", help="bring the database to the newest schema")
    commands.add_parser("seed", help="import data").add_argument("file", help="JSON file, or - for stdin")
    commands.add_parser("job", help="run a background job once").add_argument("name", choices=JOBS)
    arguments = parser.parse_args()
    try:
        return _run(arguments)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2


def _run(arguments: argparse.Namespace) -> int:
    if arguments.command == "serve":
        from tracker import serve

        serve.main()
        return 0
    if arguments.command == "migrate":
        from tracker import migrating

        migrating.main()
        return 0
    if arguments.command == "seed":
        from tracker import seeding

        return seeding.main(arguments.file)
    from tracker import jobs

    return jobs.main(arguments.name)


if __name__ == "__main__":
    sys.exit(main())
