"""The contract tests of Citizen Hub for this adapter."""

from importlib.resources import files

from adapters.workbench.contract_tests.suite import *  # noqa: F403

DEPARTMENTS_UNDER_TEST = [files("citizen_hub_fisheries")]
