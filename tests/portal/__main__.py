"""Write the answers and the calls of all portal cases: `python -m tests.portal [NAME ...]`."""

import sys

from tests.portal.portal_case import NAMES, load, run, start_departments, write
from tests.support.processes import Hub


def main(names: list[str]) -> None:
    mocks = start_departments()
    try:
        for name in names or NAMES:
            case = load(name)
            hub = Hub(mocks)
            try:
                write(case, run(case, hub, mocks))
            finally:
                hub.stop()
    finally:
        for mock in mocks.values():
            mock.stop()


main(sys.argv[1:])
