// Prints what Atlassian's own transformer makes of wiki markup: one JSON string a line in, one document a line out.
//
// Run in the folder where `@atlaskit/editor-wikimarkup-transformer` is installed; bench_seen.py does so.

import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const packages = createRequire(join(process.cwd(), "package.json"));
const { WikiMarkupTransformer } = packages("@atlaskit/editor-wikimarkup-transformer");

for await (const line of createInterface({ input: process.stdin })) {
  let shown = null;
  try {
    shown = new WikiMarkupTransformer().parse(JSON.parse(line)).toJSON();
  } catch {
    shown = null;
  }
  process.stdout.write(JSON.stringify(shown) + "\n");
}
