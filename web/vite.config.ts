import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  base: "/",
  plugins: [react()],
  build: {
    // One entry a page; the hub serves each HTML file at its own path and `assets/` below `/assets/`.
    rolldownOptions: {
      input: { graphiql: "graphiql.html" },
      // GraphiQL's packages speak to a compiler that has already run over them.
      checks: { moduleLevelDirective: false },
    },
    // Pictures and fonts stay files, which browsers cache and a content security policy can name.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The licences of the bundled packages ask to travel with them.
    license: { fileName: "assets/licenses.md" },
    reportCompressedSize: false,
    // The editor is one large file by nature; it is loaded after the page.
    chunkSizeWarningLimit: 4000,
  },
  worker: { format: "es" },
  // `npx vite` serves the pages while they are worked on; a hub on its usual port answers them.
  server: { proxy: { "/graphql": "http://127.0.0.1:8000" } },
});
