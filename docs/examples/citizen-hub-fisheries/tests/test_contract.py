"""What Citizen Hub asks of every adapter, asked of this one."""

from importlib.resources import files

from adapters.workbench.contract_tests.suite import *  # noqa: F403

DEPARTMENTS_UNDER_TEST = [files("citizen_hub_fisheries")]
