"""What runs a command in the test's own process."""

import subprocess
from collections.abc import Callable

Here = Callable[..., subprocess.CompletedProcess[str]]
