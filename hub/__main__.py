"""`python -m hub` is the same as `hub`."""

from hub.cli.main import main

main()
