// Runs the audits of the package graphql-http against a running hub: HUB_URL=http://127.0.0.1:8000 npm test
//
// All of them hold, those that the standard only recommends included.

import assert from "node:assert/strict";
import { test } from "node:test";
import { serverAudits } from "graphql-http";

const hub = process.env.HUB_URL;

test("GraphQL over HTTP", { skip: hub ? false : "HUB_URL names no running hub" }, async (group) => {
  const audits = serverAudits({ url: new URL("/graphql", hub).href });
  assert.equal(audits.length, 61, "the package has other audits than expected");
  for (const audit of audits) {
    await group.test(`${audit.id} ${audit.name}`, async () => {
      const result = await audit.fn();
      // The body was not read by every audit; connections are only used again once it was.
      await result.response?.body?.cancel().catch(() => {});
      assert.equal(result.status, "ok", result.reason);
    });
  }
});
