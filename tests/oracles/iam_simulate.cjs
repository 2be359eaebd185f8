// Decides requests with iam-simulate, one JSON array of its simulations on stdin, one of answers on stdout:
// {"result": "Allowed" | "ImplicitlyDenied" | "ExplicitlyDenied" | "error", "denied_by": [[policy, Sid]], "errors",
// "ignored": [condition keys that the action does not have]}. Development only (AGPL): a process of its own.
const { readFileSync } = require("node:fs");
const { runSimulation } = require("@cloud-copilot/iam-simulate");

const deniedBy = (analysis) =>
  [
    ...[analysis.scpAnalysis, analysis.rcpAnalysis].flatMap((levels) => levels?.ouAnalysis ?? []),
    analysis.identityAnalysis,
    analysis.permissionBoundaryAnalysis,
    analysis.sessionAnalysis,
    analysis.resourceAnalysis,
  ].flatMap((part) => (part?.denyStatements ?? []).map((deny) => [deny.policyId ?? null, deny.explain.identifier]));

const answer = async (simulation) => {
  const outcome = await runSimulation(simulation, {});
  if (outcome.resultType === "error") return { result: "error", errors: outcome.errors };
  const { analysis, ignoredContextKeys } = outcome.resultType === "single" ? outcome.result : outcome.results[0];
  return { result: outcome.overallResult, denied_by: deniedBy(analysis), ignored: ignoredContextKeys };
};

(async () => {
  const answers = [];
  for (const simulation of JSON.parse(readFileSync(0, "utf8"))) {
    // Some malformed values make it throw
    answers.push(await answer(simulation).catch((error) => ({ result: "error", errors: String(error) })));
  }
  process.stdout.write(JSON.stringify(answers));
})();
