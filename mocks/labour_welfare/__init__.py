"""The Labour Welfare WelfareResolvers: a GraphQL server that ignores filters it does not understand."""
