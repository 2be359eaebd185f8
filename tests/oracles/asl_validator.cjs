// Checks the form of state machines with asl-validator: node tests/oracles/asl_validator.cjs FILE...
// Through its library: its command looks at one file only, and its --no-arn-check has no effect (4.0.0). ARNs are left
// to tests/workflow/asl_references.py, since those in the files have placeholders in them.
const { readFileSync } = require("node:fs");
const validate = require("asl-validator");

const files = process.argv.slice(2);
for (const file of files) {
  const result = validate(JSON.parse(readFileSync(file, "utf8")), { checkArn: false, checkPaths: true });
  if (!result.isValid) {
    console.error(`${file}: ${result.errorsText()}`);
    process.exitCode = 1;
  }
}
console.log(`asl-validator looked at ${files.length} file(s)`);
