"""`python -m concern`."""

from concern.cli import main

if __name__ == "__main__":
    main()
