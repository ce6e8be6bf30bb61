// Compilers that make code of the schema and of an application's documents. What they make is used.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { generate } from "@graphql-codegen/cli";
import relay from "relay-compiler";

const hub = process.env.HUB_URL;
const needed = { skip: hub ? false : "HUB_URL names no running hub", timeout: 120_000 };
const url = hub && new URL("/graphql", hub).href;
const run = promisify(execFile);

// Here, so that the packages that generated code needs are found.
const folder = await mkdtemp(join(import.meta.dirname, ".generated-"));
after(() => rm(folder, { recursive: true }));

async function write(name, text) {
  const path = join(folder, name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, text);
  return path;
}

async function ask(query, variables) {
  const body = JSON.stringify({ query, variables });
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  const answer = await response.json();
  assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
  return answer.data;
}

const RELAY_APP = `
import { graphql } from "react-relay";

graphql\`
  query AppQuery($filter: TenderFilter) { ...App_tenders @arguments(filter: $filter) }
\`;

graphql\`
  fragment App_tenders on Query
  @refetchable(queryName: "AppPaginationQuery")
  @argumentDefinitions(filter: { type: "TenderFilter" }, first: { type: "Int", defaultValue: 3 }, after: { type: "String" }) {
    tenders(first: $first, after: $after, filter: $filter) @connection(key: "App_tenders", filters: ["filter"]) {
      edges { node { id ...App_tender } }
    }
  }
\`;

graphql\`
  fragment App_tender on Tender
  @refetchable(queryName: "AppTenderQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 2 }, after: { type: "String" }) {
    title
    buyer { name }
    awards(first: $first, after: $after) @connection(key: "App_awards") { edges { node { value { amount currency } } } }
  }
\`;

graphql\`
  subscription AppSubscription { tenderChanged { kind tender { id ...App_tender } } }
\`;
`;

test("relay-compiler takes the schema, and the hub answers what it makes", needed, async () => {
  const schema = await (await fetch(new URL("/schema.graphql", hub))).text();
  await write("relay/schema.graphql", schema);
  await write("relay/src/App.js", RELAY_APP);
  const config = { src: "./src", schema: "./schema.graphql", language: "javascript", eagerEsModules: true };
  await write("relay/relay.config.json", JSON.stringify(config));
  await run(relay, ["./relay.config.json"], { cwd: join(folder, "relay") });
  const compiled = async (name) => {
    const path = join(folder, `relay/src/__generated__/${name}.graphql.js`);
    return (await import(pathToFileURL(path))).default.params.text;
  };
  const { tenders } = await ask(await compiled("AppQuery"), { filter: { hasAwards: true } });
  assert.equal(tenders.edges.length, 3);
  const next = await ask(await compiled("AppPaginationQuery"), { first: 3, after: tenders.pageInfo.endCursor });
  assert.equal(next.tenders.edges.length, 3);
  const { node } = await ask(await compiled("AppTenderQuery"), { id: tenders.edges[0].node.id, first: 1 });
  assert.equal(node.id, tenders.edges[0].node.id);
  assert.match(await compiled("AppSubscription"), /tenderChanged/);
});

const APP = `
import { graphql } from "./generated/index.js";
import type { ResultOf } from "@graphql-typed-document-node/core";
import { TenderStatus } from "./generated/graphql.js";

export const list = graphql(\`
  query List($filter: TenderFilter, $first: Int) {
    tenders(filter: $filter, first: $first) {
      totalCount
      nodes { id ocid title status publishedAt value { amount currency } buyer { name } }
    }
  }
\`);
export const changed = graphql(\`subscription Changed { tenderChanged { kind at tender { ocid } } }\`);
export const any = graphql(\`query Any($id: ID!) { node(id: $id) { __typename id ... on Award { title } } }\`);

type Tender = ResultOf<typeof list>["tenders"]["nodes"][number];

export function line(tender: Tender): string {
  // What publishers may leave out is nullable, and nothing else is.
  const ocid: string = tender.ocid;
  const title: string | null | undefined = tender.title;
  const amount: string | undefined = tender.value?.amount;
  const isActive = tender.status === TenderStatus.Active;
  return [ocid, title ?? "", amount ?? "", isActive].join(" ");
}

// @ts-expect-error a title may be absent
export const title = (tender: Tender): string => tender.title;
// @ts-expect-error an amount is a text, so that nothing is rounded
export const amount = (tender: Tender): number | undefined => tender.value?.amount;
// @ts-expect-error there is no such field
export const colour = (tender: Tender) => tender.colour;
`;

test("graphql-codegen makes types that hold under tsc --strict", needed, async () => {
  const app = await write("codegen/app.ts", APP);
  const scalars = { DateTime: "string", Decimal: "string", JSON: "unknown" };
  const config = { strictScalars: true, useTypeImports: true, enumsAsTypes: false, scalars };
  await generate(
    {
      schema: url,
      documents: app,
      silent: true,
      generates: { [`${join(folder, "codegen/generated")}/`]: { preset: "client", config, presetConfig: { fragmentMasking: false } } },
    },
    true,
  );
  const options = ["--strict", "--noEmit", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler"];
  const tsc = join(import.meta.dirname, "node_modules/typescript/bin/tsc");
  await run(process.execPath, [tsc, ...options, "--skipLibCheck", app]).catch((error) => {
    assert.fail(error.stdout + error.stderr);
  });
  const generated = await readFile(join(folder, "codegen/generated/graphql.ts"), "utf8");
  assert.match(generated, /export type ChangedSubscription =/);
});
