"""A report as a page for people: one HTML file that loads nothing, runs nothing, and shows what the JSON says.

It is the same page for the same report and key, however often it is made.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from html import escape
from string import Template

from avm.contracts.report import Report, ReportRow
from avm.contracts.signed_report import Signature
from avm.domain.finding import Verdict

_PAGE = Template("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Readiness report of account $account_id</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
dt { opacity: .7; }
dd { margin: 0; }
dd, code, pre { overflow-wrap: anywhere; }
code, pre { font: .85rem/1.4 ui-monospace, monospace; }
pre { white-space: pre-wrap; margin: .3rem 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #8884; }
summary { cursor: pointer; }
.status { display: inline-block; padding: 0 .5rem; border-radius: .3rem; color: #fff; background: #555; }
.compliant, .ready { background: #17663a; }
.violated, .unknown, .not-ready { background: #a5201b; }
.pending { background: #7a5200; }
@media print { details > :not(summary) { display: block; } }
</style>
</head>
<body>
<h1>Readiness report of account $account_id</h1>
<p><span class="status $verdict">$verdict_text</span> $counts</p>
<dl>
<dt>Time</dt><dd>$time</dd>
<dt>Request</dt><dd>$request_id</dd>
<dt>Observation</dt><dd>$observation_id</dd>
<dt>Catalog</dt><dd>$catalog_version</dd>
<dt>SHA-256 of the JSON</dt><dd><code>$digest</code></dd>
<dt>Signed by</dt><dd><code>$key_id</code> ($algorithm)</dd>
</dl>
<p>This page is for reading. What is signed is the JSON report with this SHA-256; verify that.</p>
<table>
<thead><tr><th>Control</th><th>Scope</th><th>Status</th><th>Observed at</th><th>Evidence</th></tr></thead>
<tbody>
$rows
</tbody>
</table>
</body>
</html>
""")

_ROW = Template("""\
<tr><td>$control</td><td>$scope</td><td><span class="status $status">$status</span></td><td>$observed_at</td>
<td><details$is_open><summary>$summary</summary><pre>$evidence</pre></details></td></tr>""")

_LOOKED_FOR: tuple[Verdict, ...] = ("violated", "unknown")
"""What somebody has to do something about: its evidence is open."""


def page_of(report: str, signature: Signature) -> str:
    """Return the page of a report, given as its JSON; raises pydantic's ValidationError for what is no report."""
    found = Report.model_validate_json(report)
    counts = Counter(row.status for row in found.controls)
    facts = {
        "account_id": found.account_id,
        "verdict": "ready" if found.ready else "not-ready",
        "verdict_text": "ready" if found.ready else "not ready",
        "counts": ", ".join(f"{number} {status}" for status, number in sorted(counts.items())),
        "time": found.time,
        "request_id": found.request_id,
        "observation_id": found.observation_id,
        "catalog_version": found.catalog_version,
        "digest": signature.digest,
        "key_id": signature.key_id,
        "algorithm": signature.algorithm,
    }
    return _PAGE.substitute(_escaped(facts), rows="\n".join(_rows(found)))


def _rows(report: Report) -> Iterator[str]:
    for row in report.controls:
        shown = {
            "control": row.control,
            "scope": row.scope,
            "status": row.status,
            "observed_at": row.observed_at,
            "summary": _summary(row),
            "evidence": json.dumps(row.evidence, indent=2, sort_keys=True, ensure_ascii=False),
        }
        yield _ROW.substitute(_escaped(shown), is_open=" open" if row.status in _LOOKED_FOR else "")


def _summary(row: ReportRow) -> str:
    """Return what the evidence is of, in a line: the calls that have shown it, or the error's code."""
    return str(row.evidence["code"]) if "code" in row.evidence else ", ".join(row.evidence) or "none"


def _escaped(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: escape(text) for name, text in texts.items()}
