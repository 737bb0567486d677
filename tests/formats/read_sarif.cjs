// sarif, by the schema of 2.1.0 that @microsoft/jest-sarif ships, and Ajv.
const fs = require("node:fs");
const assert = require("node:assert/strict");
const Ajv = require("ajv");

const [path, ndjson] = process.argv.slice(2);
const read = (file) => fs.readFileSync(file, "utf8");
const log = JSON.parse(read(path));
const reports = read(ndjson).trim().split("\n").map((line) => JSON.parse(line));

const ajv = new Ajv({ schemaId: "auto", allErrors: true });
ajv.addMetaSchema(require("ajv/lib/refs/json-schema-draft-04.json"));
const valid = ajv.compile(require("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"));
assert.ok(valid(log), ajv.errorsText(valid.errors));
// A schema that took anything would show nothing.
const broken = structuredClone(log);
broken.runs[0].results[0].level = "fatal";
broken.runs[0].results[1].locations[0].physicalLocation.artifactLocation.uri = "a b\\";
delete broken.runs[0].tool.driver.name;
assert.ok(!valid(broken) && valid.errors.length >= 3, ajv.errorsText(valid.errors));

const [run] = log.runs;
const rules = run.tool.driver.rules;
const expected = reports.flatMap((report) => [...(report.error ? [{ ...report.error, severity: "error" }] : []), ...report.diagnosis]);
assert.equal(run.results.length, expected.length);
run.results.forEach((result, at) => {
  assert.equal(result.ruleId, expected[at].code);
  assert.equal(result.level, expected[at].severity);
  assert.equal(rules[result.ruleIndex].id, result.ruleId);
  // Braces are doubled (3.11.5).
  const text = result.message.text.replaceAll("{{", "{").replaceAll("}}", "}");
  assert.ok(text.includes(expected[at].message.replaceAll("](", "] (")), text);
  assert.ok(!/(?<!\{)\{(\{\{)*(?!\{)/.test(result.message.text), text);
});
for (const rule of rules) assert.ok(rule.shortDescription.text && rule.fullDescription.text, rule.id);
assert.deepEqual([...new Set(rules.map((rule) => rule.id))].sort(), [...new Set(expected.map((found) => found.code))].sort());
console.log(`${run.results.length} results, ${rules.length} rules`);
