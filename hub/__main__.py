"""`python -m hub` is `hub`."""

from hub.cli.main import main

main()
