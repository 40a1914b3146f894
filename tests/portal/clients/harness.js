// What the client scripts share: their input, the schema's settings, and the report of warnings.
import { readFileSync } from "node:fs";
import { format, isDeepStrictEqual } from "node:util";
import { buildSchema, isAbstractType, isObjectType } from "graphql";

const input = JSON.parse(readFileSync(0, "utf8"));
const warnings = [];

for (const level of ["warn", "error"]) {
  console[level] = (...words) => warnings.push(format(...words));
}

/** URL of the hub, headers for it, operations `{ name, document, variables }`, and a folder. */
export const { url, headers, operations, folder } = input;

export const schema = buildSchema(readFileSync(input.schema, "utf8"));

const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith("__"));

/** The object types of each interface and union: `possibleTypes` of Apollo's cache. */
export const possibleTypes = Object.fromEntries(
  types
    .filter(isAbstractType)
    .map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]),
);

/** Names of the object types without `id`: a cache stores them inside the object above. */
export const embeddedTypes = types
  .filter((type) => isObjectType(type) && !("id" in type.getFields()))
  .map(({ name }) => name)
  .filter((name) => !["Query", "Mutation"].includes(name));

/** Return a value without the `__typename` that clients add. */
export function plain(value) {
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  if (value === null || typeof value !== "object") {
    return value;
  }
  const kept = Object.entries(value).filter(([key]) => key !== "__typename");
  return Object.fromEntries(kept.map(([key, each]) => [key, plain(each)]));
}

export function warnUnlessEqual(name, received, cached) {
  if (!isDeepStrictEqual(plain(received), plain(cached))) {
    warnings.push(`${name}: the cache returns other data than the hub`);
  }
}

/** Print the results and the warnings as one line of JSON. */
export function report(results) {
  process.stdout.write(`${JSON.stringify({ results, warnings })}\n`);
}
