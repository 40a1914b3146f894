"""`python -m mocks NAME --port P` starts a mock; `python -m mocks --help` lists the commands."""

import sys

from mocks.command import main

sys.exit(main())
