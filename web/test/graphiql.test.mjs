// Drives the GraphiQL page of a running hub in a real Chromium: HUB_URL=http://127.0.0.1:8000 npm test
//
// Every page opened here fails its test if it asks another host for anything, logs an error, or breaks the
// content security policy. CHROMIUM names the browser, SCREENSHOT a PNG file to write.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { parse } from "graphql";
import { chromium } from "playwright-core";

const HUB_URL = process.env.HUB_URL;
const SKIP = HUB_URL ? false : "HUB_URL is not set: start a hub and name it, such as HUB_URL=http://127.0.0.1:8000";
const BROWSER_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const TIMEOUT_MS = 20_000;

describe("GraphiQL", { skip: SKIP }, () => {
  let browser;

  before(async () => {
    // A profile of its own, in a temporary folder, comes with every launch.
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: BROWSER_FLAGS,
    });
  });

  after(() => browser?.close());

  test("runs an example, shows its nested answer and documents the schema", async () => {
    const { page, problems } = await open(browser, "/graphiql");
    assert.equal(await page.title(), "Tendergraph – GraphiQL");

    const answered = answerTo(page, "NewestTenders");
    await page.locator(".graphiql-execute-button").click();
    await page.getByRole("menuitem", { name: "NewestTenders" }).click();
    const { data, errors } = await answered;
    assert.equal(errors, undefined);
    const bought = data.tenders.nodes.filter((tender) => tender.buyer?.name);
    assert.notEqual(bought.length, 0, "no tender of the answer has a buyer with a name");
    await assertShown(page, `"name":${JSON.stringify(bought[0].buyer.name)}`);

    await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
    const explorer = page.locator(".graphiql-doc-explorer");
    await explorer.getByRole("link", { name: "Query", exact: true }).click();
    await explorer.getByText("tenders", { exact: true }).waitFor();
    await explorer.getByText("suppliers", { exact: true }).waitFor();

    if (process.env.SCREENSHOT) {
      await page.screenshot({ path: process.env.SCREENSHOT });
    }
    assert.deepEqual(problems, []);
  });

  test("searches words with an example, and shows where they were found", async () => {
    const { page, problems } = await open(browser, "/graphiql");
    const answered = answerTo(page, "SearchTenders");
    await page.locator(".graphiql-execute-button").click();
    await page.getByRole("menuitem", { name: "SearchTenders" }).click();
    const { data, errors } = await answered;
    assert.equal(errors, undefined);
    const { totalCount, edges, facets } = data.tenders;
    assert.equal(edges.length, Math.min(totalCount, 5));
    const fragments = edges.flatMap((edge) => edge.highlights).flatMap((highlight) => highlight.fragments);
    const marked = fragments.find((fragment) => /<em>onderhoud/i.test(fragment));
    assert.ok(marked, `the word is marked in none of ${JSON.stringify(fragments)}`);
    const [status] = facets;
    const counted = status.values.reduce((sum, value) => sum + value.count, 0);
    assert.equal(counted, totalCount, "every tender has a status");
    await assertShown(page, `"totalCount":${totalCount}`);
    assert.deepEqual(problems, []);
  });

  test("opens on examples that all run without errors", async () => {
    const query = await readFile(new URL("../src/graphiql/examples.graphql", import.meta.url), "utf8");
    const { tenders } = (await ask({ query, operationName: "NewestTenders" })).data;
    const variables = { ocid: tenders.nodes[0].ocid };
    for (const { name } of parse(query).definitions) {
      const { data, errors } = await ask({ query, variables, operationName: name.value });
      assert.equal(errors, undefined, `${name.value} answered with errors`);
      for (const [field, value] of Object.entries(data)) {
        assert.notEqual(value, null, `${name.value} answered null for ${field}`);
      }
    }
  });

  test("opens a shared link and keeps the address up to date", async () => {
    const query = "query Skipped { sources { slug } }\nquery Shared($first: Int) { tenders(first: $first) { nodes { title } } }";
    const link = new URLSearchParams({ query, variables: '{"first": 2}', operationName: "Shared" });
    const { page, problems } = await open(browser, `/graphiql?${link}`);

    const answered = answerTo(page, "Shared");
    await page.locator(".graphiql-query-editor .view-lines").click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("Control+End");
    await page.keyboard.press("Control+Enter");
    const { data } = await answered;
    assert.equal(data.tenders.nodes.length, 2);

    await page.keyboard.insertText("\n# edited");
    await page.waitForURL((url) => url.searchParams.get("query") === `${query}\n# edited`);
    assert.equal(new URL(page.url()).searchParams.get("variables"), '{"first": 2}');
    // GraphiQL keeps its tabs a moment after the last key.
    await page.waitForFunction(() => Object.values(localStorage).some((kept) => kept.includes("# edited")));
    await page.reload();
    await page.locator(".graphiql-query-editor").getByText("# edited").waitFor();
    // The tab takes the name of its operation a moment later.
    const opened = await page.getByRole("tab", { name: /^(Skipped|Shared)$/ }).count();
    assert.ok(opened <= 1, `reloading opened the link ${opened} times`);
    assert.deepEqual(problems, []);
  });

  test("runs the operation that a link names", async () => {
    const query = "query First { sources { slug } }\nquery Second { sources { name } }";
    const { page, problems } = await open(browser, `/graphiql?${new URLSearchParams({ query, operationName: "Second" })}`);
    const answered = answerTo(page, "Second");
    await page.locator(".result-window").click();
    await page.keyboard.press("Control+Enter");
    assert.equal((await answered).errors, undefined);
    assert.deepEqual(problems, []);
  });

  test("prettifies with the shortcut that its help names", async () => {
    const { page, problems } = await open(browser, `/graphiql?${new URLSearchParams({ query: "{sources{slug}}" })}`);
    await page.locator(".graphiql-query-editor .view-lines").click();
    await page.keyboard.press("Shift+Control+P");
    await page.waitForURL((url) => url.searchParams.get("query") === "{\n  sources {\n    slug\n  }\n}\n");
    assert.deepEqual(problems, []);
  });

  test("shows the events of a subscription as they arrive", async () => {
    const query = "subscription Watch { tenderChanged { ocid } }";
    const { page, problems } = await open(browser, `/graphiql?${new URLSearchParams({ query })}`);
    const events = ["one", "two"].map((ocid) => JSON.stringify({ data: { tenderChanged: { ocid } } }));
    await page.route("**/graphql", (route) => {
      assert.match(route.request().headers().accept, /^text\/event-stream/);
      const body = `:\n\n${events.map((data) => `event: next\ndata: ${data}\n\n`).join("")}event: complete\ndata:\n\n`;
      return route.fulfill({ contentType: "text/event-stream", body });
    });
    await page.locator(".graphiql-execute-button").click();
    await assertShown(page, '"ocid":"two"');
    await page.getByRole("button", { name: /^Execute query/ }).waitFor();
    assert.deepEqual(problems, []);
  });

  test("says plainly that the hub cannot be reached, and recovers", async () => {
    const context = await browser.newContext();
    await context.route("**/graphql", (route) => route.abort());
    const page = await context.newPage();
    await page.goto(new URL("/graphiql", HUB_URL).href);
    // The editor has alerts of its own, for screen readers: this one is told by its words.
    const notice = page.getByRole("alert").filter({ hasText: "cannot be reached" });
    await notice.waitFor({ timeout: TIMEOUT_MS });
    await context.unroute("**/graphql");
    await page.getByRole("button", { name: "Try again" }).click();
    await notice.waitFor({ state: "detached", timeout: TIMEOUT_MS });
    await context.close();
  });
});

/** A page in a profile of its own, its schema loaded, with a list that fills with whatever goes wrong in it. */
async function open(browser, path) {
  const problems = [];
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(TIMEOUT_MS);
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (!["data:", "blob:"].includes(url.protocol) && url.host !== new URL(HUB_URL).host) {
      problems.push(`asked another host: ${url}`);
    }
  });
  // Chromium logs what the content security policy refuses as an error, in pages and in their workers.
  context.on("console", (message) => {
    if (message.type() === "error") {
      problems.push(`logged: ${message.text()}`);
    }
  });
  context.on("weberror", (error) => problems.push(`threw: ${error.error().message}`));
  context.on("response", (response) => {
    if (response.status() >= 400) {
      problems.push(`answered ${response.status()}: ${response.url()}`);
    }
  });
  const page = await context.newPage();
  const introspected = answerTo(page, "IntrospectionQuery");
  await page.goto(new URL(path, HUB_URL).href);
  const { errors } = await introspected;
  assert.equal(errors, undefined, "the hub refused the introspection that GraphiQL needs");
  await page.locator(".graphiql-query-editor .view-line").first().waitFor();
  return { page, problems };
}

/** The body of the hub's next answer to the operation of this name. */
async function answerTo(page, operationName) {
  const response = await page.waitForResponse(
    (candidate) => candidate.request().postDataJSON()?.operationName === operationName,
    { timeout: TIMEOUT_MS },
  );
  return response.json();
}

/** Scrolls through the result pane until it shows `text`, spaces and line breaks aside. */
async function assertShown(page, text) {
  const sought = text.replace(/\s/g, "");
  const pane = page.locator(".result-window");
  await pane.locator(".view-line", { hasText: /\S/ }).first().waitFor();
  await pane.hover();
  for (let screen = 0; screen < 50; screen += 1) {
    if ((await visibleText(pane)).includes(sought)) {
      return;
    }
    // The editor draws only what is in sight, so scrolling changes what there is to read; the wait lets it draw.
    await page.mouse.wheel(0, 200);
    await page.waitForTimeout(100);
  }
  assert.fail(`the result pane does not show ${text}`);
}

/** The drawn lines in order; the editor keeps them in the order in which they were drawn. */
function visibleText(pane) {
  return pane.locator(".view-line").evaluateAll((lines) =>
    lines
      .sort((a, b) => Number.parseFloat(a.style.top) - Number.parseFloat(b.style.top))
      .map((line) => line.textContent)
      .join("")
      .replace(/\s/g, ""),
  );
}

async function ask(body) {
  const response = await fetch(new URL("/graphql", HUB_URL), {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json" },
    body: JSON.stringify(body),
  });
  return response.json();
}
