/** The page: GraphiQL with the hub's examples, shareable addresses, and a plain word when the hub does not answer. */

import { type TabsState, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { GraphiQL } from "graphiql";
import { useEffect, useRef, useState } from "react";
import { EXAMPLES } from "./examples";
import { createFetcher } from "./fetcher";
import { type Link, showInAddress } from "./link";
import { Shortcuts } from "./shortcuts";

/** Where GraphiQL keeps the tabs between visits. */
const STORED_TABS = "graphiql:tabState";

/** GraphiQL, opened on a link's content if there is one, on the tabs of the last visit, or else on the examples. */
export function Page({ link }: { link: Link | undefined }) {
  const [trouble, setTrouble] = useState<string | null>(null);
  const [fetcher] = useState(() => createFetcher(setTrouble));
  // Read once: GraphiQL itself fills the storage soon after.
  const [opening] = useState(() => link ?? (localStorage.getItem(STORED_TABS) ? undefined : EXAMPLES));

  return (
    <GraphiQL
      fetcher={fetcher}
      defaultTabs={link ? [link, EXAMPLES] : [EXAMPLES]}
      {...(opening && { initialQuery: opening.query, initialVariables: opening.variables })}
      onTabChange={showActiveTab}
    >
      <GraphiQL.Logo>
        <a className="tendergraph-logo" href="/">
          Tendergraph
        </a>
      </GraphiQL.Logo>
      <Shortcuts />
      {trouble && <Trouble words={trouble} />}
      {link?.operationName && <ChosenOperation name={link.operationName} />}
    </GraphiQL>
  );
}

function showActiveTab({ tabs, activeTabIndex }: TabsState): void {
  const tab = tabs[activeTabIndex];
  if (tab) {
    showInAddress(tab);
  }
}

/** Says above the page what keeps the hub from answering. */
function Trouble({ words }: { words: string }) {
  const { introspect } = useGraphiQLActions();
  const responseEditor = useGraphiQL((state) => state.responseEditor);
  const tryAgain = () => {
    // The result pane repeats the trouble, and would go on doing so after it has passed.
    responseEditor?.setValue("");
    void introspect();
  };
  return (
    <div className="tendergraph-trouble" role="alert">
      <span>{words}</span>
      <button type="button" onClick={tryAgain}>
        Try again
      </button>
    </div>
  );
}

/** Chooses the operation that a link names, once the editor has found it in the document. */
function ChosenOperation({ name }: { name: string }) {
  const { setOperationName } = useGraphiQLActions();
  const found = useGraphiQL(({ operations }) => operations?.some((operation) => operation.name?.value === name) ?? false);
  const chosen = useRef(false);
  useEffect(() => {
    // Only once: afterwards the choice is the reader's.
    if (found && !chosen.current) {
      chosen.current = true;
      setOperationName(name);
    }
  }, [found, name, setOperationName]);
  return null;
}
