"""The complete schema, and the contract file `schema/schema.graphql`."""

from pathlib import Path

import strawberry
from graphql import GraphQLError
from strawberry.types import ExecutionContext

from schema.benefit import Benefit
from schema.certificate import Certificate
from schema.demand import declare_costs
from schema.mutation import Mutation
from schema.personal_fields import declare_personal_fields
from schema.query import Query
from schema.scalars import CONFIG
from schema.submission_problem import PROBLEM_TYPES

CONTRACT = Path(__file__).with_name("schema.graphql")


class Schema(strawberry.Schema):
    """A schema that logs no errors.

    Strawberry would log their messages, which may contain personal data.
    """

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        return


def build_schema() -> Schema:
    # Strawberry does not find these types by itself, because no field returns them directly.
    types = [Benefit, Certificate, *PROBLEM_TYPES]
    schema = Schema(query=Query, mutation=Mutation, types=types, config=CONFIG)
    declare_costs(schema)
    declare_personal_fields(schema)
    return schema


def export() -> str:
    """Return the schema in GraphQL SDL, as in the contract file."""
    return build_schema().as_str() + "\n"
