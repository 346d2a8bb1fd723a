"""Lets `python -m syncer` be the command."""

from syncer.cli import main

if __name__ == "__main__":
    main()
