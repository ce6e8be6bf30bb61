/** The editor's Shift-Ctrl shortcuts as GraphiQL's own help lists them, on systems other than macOS. */

import { isMacOs, useGraphiQL, useGraphiQLActions, useMonaco } from "@graphiql/react";
import { useEffect } from "react";

/** Adds the shortcuts to the query editor; draws nothing. */
export function Shortcuts() {
  const monaco = useMonaco((state) => state.monaco);
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const { prettifyEditors, mergeQuery, copyQuery } = useGraphiQLActions();

  useEffect(() => {
    // GraphiQL binds these to the key that is Ctrl on a Mac, but the Windows or Super key on any other keyboard.
    if (!monaco || !queryEditor || isMacOs) {
      return;
    }
    const { KeyCode, KeyMod } = monaco;
    const actions = [
      { id: "tendergraph.prettify", label: "Prettify", key: KeyCode.KeyP, run: prettifyEditors },
      { id: "tendergraph.merge", label: "Merge fragments", key: KeyCode.KeyM, run: mergeQuery },
      { id: "tendergraph.copy", label: "Copy query", key: KeyCode.KeyC, run: copyQuery },
    ].map(({ key, ...action }) =>
      queryEditor.addAction({ ...action, keybindings: [KeyMod.Shift | KeyMod.CtrlCmd | key] }),
    );
    return () => {
      for (const action of actions) {
        action.dispose();
      }
    };
  }, [monaco, queryEditor, prettifyEditors, mergeQuery, copyQuery]);

  return null;
}
