// The rules that a GraphQL schema must keep for Relay, and those for operations of portals.
import { fileURLToPath } from "node:url";
import graphql from "@graphql-eslint/eslint-plugin";

const root = fileURLToPath(new URL("../../", import.meta.url));

export default [
  {
    files: ["schema/schema.graphql"],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: `${root}schema/schema.graphql` } },
    },
    plugins: { "@graphql-eslint": graphql },
    rules: {
      // Relay's specification asks for one direction: worklists and access logs page forward only.
      "@graphql-eslint/relay-arguments": ["error", { includeBoth: false }],
      "@graphql-eslint/relay-connection-types": "error",
      // The option would forbid every list that is not a page, even Relay's own `nodes(ids:)`.
      "@graphql-eslint/relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false }],
      "@graphql-eslint/relay-page-info": "error",
    },
  },
];
