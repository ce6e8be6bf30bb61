/** The examples that the first tab opens with; the queries stand in `examples.graphql`. */

import query from "./examples.graphql?raw";

export const EXAMPLES = {
  query,
  variables: '{\n  "ocid": ""\n}',
};
