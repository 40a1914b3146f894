"""The departments beside the first three that take applications."""

from mocks.population.town_departments import (
    CIVIL_REGISTRATION,
    FOOD,
    POWER,
    TRADE_LICENCES,
    WATER,
)
from mocks.population.work_departments import EMPLOYMENT, LABOUR, LABOUR_WELFARE, POST_MATRIC

FURTHER_DEPARTMENTS = (
    CIVIL_REGISTRATION,
    WATER,
    FOOD,
    POWER,
    LABOUR,
    LABOUR_WELFARE,
    POST_MATRIC,
    EMPLOYMENT,
    TRADE_LICENCES,
)
