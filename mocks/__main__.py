"""`python -m mocks NAME --port P`: see `mocks.command`."""

import sys

from mocks.command import main

sys.exit(main())
