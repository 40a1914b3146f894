"""The Labour Welfare Board: a GraphQL server that ignores filters it does not understand."""
