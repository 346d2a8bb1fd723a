// Writes expected.json: what Atlassian's own transformer makes of samples.txt. Development time only; see README.md.
//
// Each sample becomes {"adf": the document, "wiki": that document written as wiki markup again, null where the
// transformer cannot or does not read it back itself}. Attributes that are null, and every width, say nothing and are left out.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const packages = createRequire(join(process.cwd(), "package.json"));
const { WikiMarkupTransformer } = packages("@atlaskit/editor-wikimarkup-transformer");

const tidy = (node) => {
  const attrs = Object.entries(node.attrs ?? {}).filter(([name, value]) => value !== null && !/width|localId/i.test(name));
  const made = { type: node.type };
  if (attrs.length) made.attrs = Object.fromEntries(attrs);
  if (node.content) made.content = node.content.map(tidy);
  if (node.marks) made.marks = node.marks.map(tidy);
  if (node.text !== undefined) made.text = node.text;
  return made;
};

const encoded = (transformer, document) => {
  try {
    const wiki = transformer.encode(document);
    const again = JSON.stringify(tidy(transformer.parse(wiki).toJSON()));
    return again === JSON.stringify(tidy(document.toJSON())) ? wiki : null;
  } catch {
    return null;
  }
};

const expected = {};
const samples = readFileSync(join(here, "samples.txt"), "utf8").split(/^=== /m).slice(1);
for (const sample of samples) {
  const [name, ...lines] = sample.replace(/\n$/, "").split("\n");
  const transformer = new WikiMarkupTransformer();
  const document = transformer.parse(lines.join("\n"));
  expected[name] = { adf: { version: 1, ...tidy(document.toJSON()) }, wiki: encoded(transformer, document) };
}
writeFileSync(join(here, "expected.json"), JSON.stringify(expected, null, 1) + "\n");
