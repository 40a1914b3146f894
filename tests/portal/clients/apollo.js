// Reads the operations with Apollo Client and its normalising cache.
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { loadDevMessages, loadErrorMessages } from "@apollo/client/dev";
import {
  embeddedTypes,
  headers,
  operations,
  possibleTypes,
  report,
  url,
  warnUnlessEqual,
} from "./harness.js";

loadDevMessages();
loadErrorMessages();

const cache = new InMemoryCache({
  possibleTypes,
  typePolicies: Object.fromEntries(embeddedTypes.map((name) => [name, { merge: true }])),
});
const client = new ApolloClient({ cache, link: new HttpLink({ uri: url, headers }) });
const results = {};

for (const { name, document, variables } of operations) {
  const query = gql(document);
  try {
    const { data } = await client.query({ query, variables, fetchPolicy: "network-only" });
    warnUnlessEqual(name, data, client.readQuery({ query, variables }));
    results[name] = { data };
  } catch (error) {
    // The default error policy rejects an answer that has `errors` beside its data.
    results[name] = { error: error.message };
  }
}
results.entities = Object.keys(cache.extract()).filter((key) => key.includes(":"));
report(results);
