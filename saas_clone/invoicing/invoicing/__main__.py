"""The command line: ``python -m invoicing serve | migrate | seed FILE | job NAME``."""

import argparse
import sys

from invoicing.settings import SettingsError

JOBS = ("recurring", "reminders", "nightly")


def main() -> int:
    """Run one command and return the exit status; what it does not need is not imported."""
    parser = argparse.ArgumentParser(prog="python -m invoicing", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="listen on INVOICING_SOCKET or INVOICING_PORT")
    commands.add_parser("migrate", help="bring the database to the newest schema")
    commands.add_parser("seed", help="import firms").add_argument("file", help="JSON file, or - for stdin")
    commands.add_parser("job", help="run a background job once").add_argument("name", choices=JOBS)
    arguments = parser.parse_args()
    try:
        return _run(arguments)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2


def _run(arguments: argparse.Namespace) -> int:
    if arguments.command == "serve":
        from invoicing import serve

        serve.main()
        return 0
    if arguments.command == "migrate":
        from invoicing import migrating

        migrating.main()
        return 0
    if arguments.command == "seed":
        from invoicing import seeding

        return seeding.main(arguments.file)
    from invoicing import jobs

    return jobs.main(arguments.name)


if __name__ == "__main__":
    sys.exit(main())
