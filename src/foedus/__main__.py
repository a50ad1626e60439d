"""Run `python -m foedus`."""

from foedus.cli.main import main

main()
