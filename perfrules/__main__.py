"""`python -m perfrules`: the command line."""

from perfrules.cli import main

main()
