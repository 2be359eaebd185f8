"""organization-trail: the organization's trail logs what happens in the account. Plane: member.

The account itself shows whether the trail covers it: a trail that does has a shadow there. It is the foundation's to
mend it: a vend looks, and parks where it does not log.
"""

from __future__ import annotations

from avm.aws.cloudtrail import CloudTrail, Trail
from avm.controls.control import Control, DriftEvent, Grant, Reach, Target
from avm.domain.errors import FoundationBehind
from avm.domain.finding import Change, Finding


class OrganizationTrail(Control):
    """The organization's trail, as the account sees it."""

    name = "organization-trail"
    promise = (
        "The organization's trail covers the account: it logs all management events, in all Regions, with log file "
        "validation, into the log archive."
    )
    plane = "member"
    duty = "enroll_logging"
    foundation = ("log-archive", "trail")
    observe_grants = (
        Grant(
            ("cloudtrail:GetEventSelectors", "cloudtrail:GetTrail", "cloudtrail:GetTrailStatus"),
            ("arn:{partition}:cloudtrail:{region}:*:trail/*",),  # the trail belongs to the management account
        ),
    )
    drift_events = tuple(
        DriftEvent("cloudtrail.amazonaws.com", name)
        for name in ("DeleteTrail", "PutEventSelectors", "StopLogging", "UpdateTrail")
    )
    mode = "observe"
    kept_by_foundation = True

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look at the trail out of the account."""
        arn = str(target.foundation.trail_arn)
        trail = CloudTrail(reach.member()).trail(arn)
        faults = _faults(trail, target.foundation.trail_bucket)
        shown = (
            {} if trail is None else {"GetTrail": _settings(trail), "GetTrailStatus": {"IsLogging": trail.is_logging}}
        )
        return self.finding(target, "violated" if faults else "compliant", trail=arn, faults=faults, **shown)

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Change nothing; raise FoundationBehind where something is wrong."""
        faults = self.observe(target, reach).evidence["faults"]
        if faults:
            message = f"trail {target.foundation.trail_arn}: {'; '.join(faults)}"
            raise FoundationBehind(message)
        return []


def _faults(trail: Trail | None, bucket: str) -> list[str]:
    """Return what is not as it should be."""
    if trail is None:
        return ["GetTrail: the account does not see it"]
    checks = {
        "GetTrailStatus: it does not log": trail.is_logging,
        f"GetTrailStatus: its last delivery has failed: {trail.delivery_error}": not trail.delivery_error,
        "GetEventSelectors: it leaves management events out": trail.logs_management_events,
        "GetTrail: it is no organization trail": trail.is_organization_trail,
        "GetTrail: it is not for all Regions": trail.is_multi_region,
        "GetTrail: log file validation is off": trail.validates_log_files,
        f"GetTrail: it delivers to {trail.bucket}, not to {bucket}": trail.bucket == bucket,
    }
    return [fault for fault, is_right in checks.items() if not is_right]


def _settings(trail: Trail) -> dict[str, object]:
    return {
        "S3BucketName": trail.bucket,
        "IsOrganizationTrail": trail.is_organization_trail,
        "IsMultiRegionTrail": trail.is_multi_region,
        "LogFileValidationEnabled": trail.validates_log_files,
    }
