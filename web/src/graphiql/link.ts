/**
 * Shareable addresses: what a tab holds, as `?query=…&variables=…&operationName=…`, and back.
 *
 * Headers stay out of them: they may carry a key.
 */

import type { TabsState } from "@graphiql/react";

type Tab = Pick<TabsState["tabs"][number], "query" | "variables" | "operationName">;

/** What an address says a tab should hold. */
export interface Link {
  query: string;
  variables: string;
  operationName: string | null;
}

/** Proxies commonly refuse longer addresses, and a page that cannot be reloaded is worse than a link that cannot be shared. */
const LONGEST_ADDRESS = 8000;

/** Typing should not rewrite the address at each key; browsers also limit how often it may change. */
const SETTLE_MS = 300;

/** The link in a location's search part, if it has a query. */
export function readLink(search: string): Link | undefined {
  const parameters = new URLSearchParams(search);
  const query = parameters.get("query");
  if (!query) {
    return undefined;
  }
  return {
    query,
    variables: parameters.get("variables") ?? "",
    operationName: parameters.get("operationName"),
  };
}

/** The address, relative to the site, at which the page opens with this tab's content. */
export function addressOf(path: string, tab: Tab): string {
  const parameters = new URLSearchParams();
  for (const name of ["query", "variables", "operationName"] as const) {
    const value = tab[name];
    if (value?.trim()) {
      parameters.set(name, value);
    }
  }
  const search = parameters.toString();
  const address = search ? `${path}?${search}` : path;
  return address.length > LONGEST_ADDRESS ? path : address;
}

let pending: ReturnType<typeof setTimeout> | undefined;

/** Makes the address show this tab, once changes settle. */
export function showInAddress(tab: Tab): void {
  clearTimeout(pending);
  pending = setTimeout(() => {
    history.replaceState(history.state, "", addressOf(location.pathname, tab));
  }, SETTLE_MS);
}
