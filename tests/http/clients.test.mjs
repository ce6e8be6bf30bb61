// Clients that people use, as their documentation shows them, against the hub at HUB_URL. It has data, and something is
// loaded into it all the time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createHash } from "node:crypto";
import { ApolloClient, HttpLink, InMemoryCache, gql as apolloGql } from "@apollo/client/core";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { Client as Urql, cacheExchange, fetchExchange, gql, subscriptionExchange } from "@urql/core";
import { createClient as createSseClient } from "graphql-sse";
import { createClient as createSocketClient } from "graphql-ws";
import WebSocket from "ws";

const hub = process.env.HUB_URL;
const needed = { skip: hub ? false : "HUB_URL names no running hub", timeout: 60_000 };
const url = hub && new URL("/graphql", hub).href;
const socketUrl = url?.replace("http", "ws");

const TENDERS = `query Tenders($first: Int!, $after: String) {
  tenders(first: $first, after: $after) {
    totalCount
    nodes { __typename id title buyer { __typename id name } }
    pageInfo { hasNextPage endCursor }
  }
}`;
const CHANGED = "subscription Changed { tenderChanged { __typename ocid kind tender { __typename id title } } }";

/** Checks that an event tells of a tender that was loaded meanwhile. */
function checkChange(data) {
  const { ocid, kind, tender } = data.tenderChanged;
  assert.match(ocid, /^ocds-fresh-/);
  assert.ok(kind === "CREATED" || kind === "UPDATED", kind);
  assert.equal(tender.title, "Fresh");
}

test("urql asks with POST and with GET, pages, and shows errors", needed, async () => {
  for (const preferGetMethod of [false, "force"]) {
    const client = new Urql({ url, preferGetMethod, exchanges: [cacheExchange, fetchExchange] });
    const first = await client.query(gql(TENDERS), { first: 2 }).toPromise();
    assert.equal(first.error, undefined);
    const { nodes, pageInfo } = first.data.tenders;
    const second = await client.query(gql(TENDERS), { first: 2, after: pageInfo.endCursor }).toPromise();
    const ids = [...nodes, ...second.data.tenders.nodes].map((node) => node.id);
    assert.equal(new Set(ids).size, 4);
    const wrong = await client.query(gql(TENDERS), { first: 1000 }).toPromise();
    assert.equal(wrong.error.graphQLErrors[0].extensions.code, "PAGE_TOO_LARGE");
    const unknown = await client.query("{ nothing }", {}).toPromise();
    assert.equal(unknown.error.graphQLErrors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
  }
});

test("urql subscribes over events and over a socket", needed, async () => {
  const socket = createSocketClient({ url: socketUrl, webSocketImpl: WebSocket });
  const overSocket = subscriptionExchange({
    forwardSubscription: (request) => ({
      subscribe: (sink) => ({ unsubscribe: socket.subscribe({ ...request, query: request.query ?? "" }, sink) }),
    }),
  });
  for (const options of [
    { exchanges: [fetchExchange], fetchSubscriptions: true },
    { exchanges: [fetchExchange, overSocket] },
  ]) {
    const client = new Urql({ url, ...options });
    // The process ends the subscription: urql's stream of events may throw where nobody can catch it when it is given up.
    const event = await new Promise((resolve) => client.subscription(CHANGED, {}).subscribe(resolve));
    assert.equal(event.error, undefined);
    checkChange(event.data);
  }
});

test("Apollo Client sends a document once and then its hash", needed, async () => {
  const requests = [];
  const client = () => {
    const sha256 = (text) => createHash("sha256").update(text).digest("hex");
    const http = new HttpLink({
      uri: url,
      fetch: async (uri, options) => {
        const response = await fetch(uri, options);
        const hasText = `${uri}${options.body ?? ""}`.includes("totalCount");
        requests.push(`${options.method} ${hasText ? "text" : "hash"} ${response.headers.get("x-cache")}`);
        return response;
      },
    });
    const link = new PersistedQueryLink({ sha256, useGETForHashedQueries: true }).concat(http);
    return new ApolloClient({ link, cache: new InMemoryCache() });
  };
  // Apollo asks for names of types itself; a name of its own makes the document new to the hub.
  const query = apolloGql(TENDERS.replace("Tenders(", `Apollo${process.pid}(`));
  for (let time = 0; time < 2; time += 1) {
    const { data } = await client().query({ query, variables: { first: 3 } });
    assert.equal(data.tenders.nodes.length, 3);
  }
  assert.deepEqual(
    requests.map((request) => request.split(" ").slice(0, 2).join(" ")),
    ["GET hash", "POST text", "GET hash"],
  );
  assert.match(requests[2], /HIT|MISS/);
});

test("graphql-ws asks, subscribes and is told of mistakes", needed, async () => {
  const client = createSocketClient({ url: socketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
  const answers = [];
  for await (const answer of client.iterate({ query: TENDERS, variables: { first: 1 } })) {
    answers.push(answer);
  }
  assert.equal(answers.length, 1);
  assert.equal(answers[0].data.tenders.nodes.length, 1);
  let events = 0;
  for await (const event of client.iterate({ query: CHANGED })) {
    checkChange(event.data);
    events += 1;
    if (events === 2) break;
  }
  await assert.rejects(
    async () => {
      for await (const _ of client.iterate({ query: "subscription { nothing }" }));
    },
    ([error]) => error.extensions.code === "GRAPHQL_VALIDATION_FAILED",
  );
  await client.dispose();
});

test("graphql-sse asks, subscribes and is told of mistakes", needed, async () => {
  const client = createSseClient({ url, retryAttempts: 0 });
  const answers = [];
  for await (const answer of client.iterate({ query: TENDERS, variables: { first: 1 } })) {
    answers.push(answer);
  }
  assert.equal(answers.length, 1);
  assert.equal(answers[0].data.tenders.nodes.length, 1);
  let events = 0;
  for await (const event of client.iterate({ query: CHANGED })) {
    checkChange(event.data);
    events += 1;
    if (events === 2) break;
  }
  for (const query of ["subscription { nothing }", "subscription { tenderChanged {"]) {
    for await (const { errors } of client.iterate({ query })) {
      assert.match(errors[0].extensions.code, /^GRAPHQL_(VALIDATION|PARSE)_FAILED$/);
    }
  }
  client.dispose();
});

test("the EventSource of browsers can subscribe with an address alone", needed, async () => {
  const address = `${url}?query=${encodeURIComponent(CHANGED)}`;
  const controller = new AbortController();
  const response = await fetch(address, { headers: { accept: "text/event-stream" }, signal: controller.signal });
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  let text = "";
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (/^data: .*\n\n/m.test(text)) break;
  }
  controller.abort();
  checkChange(JSON.parse(text.match(/^event: next\ndata: (.*)$/m)[1]).data);
});
