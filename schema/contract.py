"""The schema as a whole and its checked-in contract, `schema/schema.graphql`."""

from pathlib import Path

import strawberry
from graphql import GraphQLError
from strawberry.types import ExecutionContext

from schema.benefit import Benefit
from schema.certificate import Certificate
from schema.mutation import Mutation
from schema.query import Query

CONTRACT = Path(__file__).with_name("schema.graphql")


class Schema(strawberry.Schema):
    """Leaves errors to whoever executes; strawberry would log them with their messages."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        return


def build_schema() -> Schema:
    # Named because no field returns them except behind a connection or `Node`.
    return Schema(query=Query, mutation=Mutation, types=[Benefit, Certificate])


def export() -> str:
    """The schema in GraphQL SDL, as the contract file holds it."""
    return build_schema().as_str() + "\n"
