// Reads the operations with Relay, after its compiler has written their artifacts.
import { createRequire } from "node:module";
import { join } from "node:path";
import runtime from "relay-runtime";
import { folder, headers, operations, report, url } from "./harness.js";

const { Environment, Network, RecordSource, Store, createOperationDescriptor, fetchQuery } = runtime;
const require = createRequire(import.meta.url);

async function post(request, variables) {
  const reply = await fetch(url, {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify({ query: request.text, variables }),
  });
  return reply.json();
}

const source = new RecordSource();
const environment = new Environment({ network: Network.create(post), store: new Store(source) });
const results = {};

for (const { name, artifact, variables } of operations) {
  const request = require(join(folder, "__generated__", `${artifact}.graphql.js`));
  try {
    await fetchQuery(environment, request, variables).toPromise();
    const operation = createOperationDescriptor(request, variables);
    // Without a reference to the operation, the store would drop its records.
    environment.retain(operation);
    results[name] = { status: environment.check(operation).status };
  } catch (error) {
    results[name] = { error: error.message };
  }
}
results.records = source.getRecordIDs().length;
report(results);
