/**
 * How GraphiQL asks the hub: queries by POST, subscriptions as server-sent events, both at one address.
 *
 * A hub that cannot be reached is reported in words: to `onTrouble`, and as the result, in the shape of any other error.
 */

import type { Fetcher, FetcherParams } from "@graphiql/toolkit";
import { type DocumentNode, type ExecutionResult, getOperationAST } from "graphql";
import { readResults } from "./event-stream";

const ENDPOINT = "/graphql";
const RESULT = "application/graphql-response+json, application/json;q=0.9";
const EVENTS = "text/event-stream";

/** Told what keeps the hub from answering, or `null` when it answered. */
export type OnTrouble = (trouble: string | null) => void;

type Headers = Record<string, string>;

/** A fetcher for `/graphql` of the site that served this page. */
export function createFetcher(onTrouble: OnTrouble): Fetcher {
  return (parameters, options) => {
    const headers: Headers = options?.headers ?? {};
    return isSubscription(options?.documentAST, parameters.operationName)
      ? subscribe(parameters, headers, onTrouble)
      : execute(parameters, headers, onTrouble);
  };
}

function isSubscription(document: DocumentNode | undefined, operationName: string | null | undefined): boolean {
  return document !== undefined && getOperationAST(document, operationName)?.operation === "subscription";
}

async function execute(parameters: FetcherParams, headers: Headers, onTrouble: OnTrouble): Promise<ExecutionResult> {
  const response = await post(parameters, { accept: RESULT, ...headers }).catch(() => undefined);
  return response ? await readResult(response, onTrouble) : failed(unreachable(), onTrouble);
}

function subscribe(parameters: FetcherParams, headers: Headers, onTrouble: OnTrouble): AsyncIterable<ExecutionResult> {
  const abort = new AbortController();
  const results = receive(parameters, headers, onTrouble, abort.signal);
  const iterator: AsyncIterator<ExecutionResult, void> = {
    next: () => results.next(),
    // A generator that waits for an event would only return after the next one, so what it waits for is cut off.
    return: () => {
      abort.abort();
      return results.return();
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

async function* receive(
  parameters: FetcherParams,
  headers: Headers,
  onTrouble: OnTrouble,
  signal: AbortSignal,
): AsyncGenerator<ExecutionResult, void> {
  try {
    const response = await post(parameters, { accept: `${EVENTS}, ${RESULT}`, ...headers }, signal);
    if (response.body && response.headers.get("content-type")?.startsWith(EVENTS)) {
      onTrouble(null);
      yield* readResults(response.body);
    } else {
      yield await readResult(response, onTrouble);
    }
  } catch {
    if (!signal.aborted) {
      yield failed(unreachable(), onTrouble);
    }
  }
}

function post(parameters: FetcherParams, headers: Headers, signal?: AbortSignal): Promise<Response> {
  return fetch(ENDPOINT, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(parameters),
    signal: signal ?? null,
  });
}

async function readResult(response: Response, onTrouble: OnTrouble): Promise<ExecutionResult> {
  try {
    const result = (await response.json()) as ExecutionResult;
    onTrouble(null);
    return result;
  } catch {
    return failed(`${location.origin} answered ${response.status} ${response.statusText}`.trim() + ", not with GraphQL.", onTrouble);
  }
}

function unreachable(): string {
  return `The hub at ${location.origin} cannot be reached. Check that it is running.`;
}

function failed(trouble: string, onTrouble: OnTrouble): ExecutionResult {
  onTrouble(trouble);
  return { errors: [{ message: trouble }] } as unknown as ExecutionResult;
}
