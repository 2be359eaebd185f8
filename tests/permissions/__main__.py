"""What each role may do, and why: the tables of docs/permissions.md. ``make permissions``.

Ends with 1 where a grant cannot be explained, is on ``*`` without a reason, or is missing.
"""

from __future__ import annotations

import sys

from tests.faults.world import world
from tests.permissions import report
from tests.permissions.recording import record
from tests.permissions.unrestricted import why_unrestricted


def main() -> None:
    """Record, print, write."""
    with world(foundation=False) as here:
        recording = record(here)
    figures = [f"{report.line(recording)}.", "", *report.table(recording)]
    report.write("figures", figures)
    report.write("details", list(report.details(recording)))
    report.write("unrestricted", list(report.unrestricted(recording.grants)))
    report.write("implicit", list(report.implicit()))
    faults = [f"unexplained: {each}" for each in report.unexplained(recording)]
    faults += [
        f"on * without a reason: {grant.principal}: {grant.action}"
        for grant in recording.grants
        if grant.resource == "*" and why_unrestricted(grant) is None
    ]
    faults += [f"refused: {each}" for each in report.refused(recording)]
    print(*figures, "", *faults, sep="\n")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
