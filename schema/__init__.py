"""The GraphQL schema: its types, its root types and the ports from which they read data.

This package knows no department and no protocol. `schema.contract.build_schema` builds the schema.
The contract for clients is `schema/schema.graphql`.
"""
