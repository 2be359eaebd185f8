"""Let Security Hub show what is untrue in an account, and that it is mended.

Trigger: state ``ReportFinding`` of ``repair_drift``.
Input: ``steps.report_finding.Input``. Output: ``steps.report_finding.Output``.
Errors: Throttled, ServiceUnavailable, NotYetVisible, AccessDenied, UnexpectedAwsError.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import report_finding

handler = entrypoint(report_finding)
