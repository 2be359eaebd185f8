"""What each role may do, and why: the tables of docs/permissions.md. ``make permissions``.

Ends with 1 where a grant cannot be explained, or is on ``*`` without a reason.
"""

from __future__ import annotations

import sys

from tests.faults.world import world
from tests.permissions import report
from tests.permissions.recording import record
from tests.permissions.unrestricted import why_unrestricted


def main() -> None:
    """Record, print, write."""
    with world() as here:
        recording = record(here)
    figures = report.line(recording)
    report.write("figures", [f"{figures}.", "", *report.table(recording)])
    report.write("details", list(report.details(recording)))
    report.write("unrestricted", list(report.unrestricted(recording.grants)))
    report.write("implicit", list(report.implicit()))
    faults = [f"unexplained: {each}" for each in report.unexplained(recording)]
    faults += [
        f"on * without a reason: {grant.principal}: {grant.action}"
        for grant in recording.grants
        if grant.resource == "*" and why_unrestricted(grant) is None
    ]
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
