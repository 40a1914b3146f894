"""What can be asked: the GraphQL types, the root types, and the ports through which they read.

This package knows no department and no wire. `schema.contract.build_schema` gives the schema;
`schema/schema.graphql` is its checked-in contract.
"""
