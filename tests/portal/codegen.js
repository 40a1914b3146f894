// Writes TypeScript types: `schema.ts` of the whole schema, `operations.ts` of the operations.
// Usage: node codegen.js SCHEMA FOLDER_OF_OPERATIONS OUTPUT_FOLDER
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codegen } from "@graphql-codegen/core";
import * as typescript from "@graphql-codegen/typescript";
import * as typescriptOperations from "@graphql-codegen/typescript-operations";
import { parse } from "graphql";

const [schemaFile, operations, output] = process.argv.slice(2);
const schema = parse(readFileSync(schemaFile, "utf8"));
const documents = readdirSync(operations)
  .filter((name) => name.endsWith(".graphql"))
  .map((name) => join(operations, name))
  .map((location) => ({ location, document: parse(readFileSync(location, "utf8")) }));

const config = {
  strictScalars: true,
  scalars: { Date: "string", DateTime: "string", Paise: "number", Upload: "File" },
  enumsAsTypes: true,
  immutableTypes: true,
  dedupeOperationSuffix: true,
};

for (const [name, plugin] of Object.entries({ schema: typescript, operations: typescriptOperations })) {
  const filename = join(output, `${name}.ts`);
  const plugins = [{ [name]: {} }];
  const pluginMap = { [name]: plugin };
  writeFileSync(
    filename,
    await codegen({ filename, schema, documents, config, plugins, pluginMap }),
  );
}
