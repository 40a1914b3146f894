"""One wire style each, no department knowledge: `rest`, `soap`, `graphql`, `database`."""
