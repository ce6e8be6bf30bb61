/**
 * Reads `text/event-stream` bodies in the distinct connections mode of GraphQL over SSE:
 * each `next` event carries one result, `complete` ends the subscription.
 */

import type { ExecutionResult } from "graphql";

/** The results in a streamed body, as they arrive. Leaving the loop early cancels the body. */
export async function* readResults(body: ReadableStream<Uint8Array>): AsyncGenerator<ExecutionResult, void> {
  for await (const block of readBlocks(body)) {
    const { event, data } = parseBlock(block);
    if (event === "complete") {
      return;
    }
    if (event === "next" && data) {
      yield JSON.parse(data) as ExecutionResult;
    }
  }
}

/** Splits the stream at its empty lines: one block an event. */
async function* readBlocks(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      const blocks = (rest + decoder.decode(value, { stream: true })).split(/\r?\n\r?\n/);
      rest = blocks.pop() ?? "";
      yield* blocks;
    }
  } finally {
    await reader.cancel();
  }
}

function parseBlock(block: string): { event: string; data: string } {
  let event = "message";
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    // A line that begins with a colon is a comment, which servers send to keep the connection open.
    const [, field, value = ""] = /^(event|data):? ?(.*)$/.exec(line) ?? [];
    if (field === "event") {
      event = value;
    } else if (field === "data") {
      data.push(value);
    }
  }
  return { event, data: data.join("\n") };
}
