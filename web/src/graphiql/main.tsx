import "graphiql/setup-workers/vite";
// The parts of GraphiQL's style, without the fonts and the second copy of the editor's style that its whole carries.
import "@graphiql/react/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "graphiql/graphiql.css";
import "./style.css";
import { createRoot } from "react-dom/client";
import { readLink } from "./link";
import { Page } from "./page";

const root = document.getElementById("graphiql");
if (!root) {
  throw new Error("graphiql.html has lost the element that the page is drawn in");
}
createRoot(root).render(<Page link={readLink(location.search)} />);
