// Reads the operations with urql and Graphcache, which knows the schema.
import { introspectionFromSchema } from "graphql";
import { Client, fetchExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import {
  embeddedTypes,
  headers,
  operations,
  report,
  schema,
  url,
  warnUnlessEqual,
} from "./harness.js";

const cache = cacheExchange({
  schema: introspectionFromSchema(schema),
  keys: Object.fromEntries(embeddedTypes.map((name) => [name, () => null])),
});
const client = new Client({
  url,
  exchanges: [cache, fetchExchange],
  preferGetMethod: false,
  fetchOptions: { headers },
});
const results = {};

for (const { name, document, variables } of operations) {
  const fetched = await client.query(document, variables, { requestPolicy: "network-only" });
  const cached = await client.query(document, variables, { requestPolicy: "cache-only" });
  warnUnlessEqual(name, fetched.data, cached.data);
  results[name] = fetched.error ? { error: fetched.error.message } : { data: fetched.data };
}
report(results);
