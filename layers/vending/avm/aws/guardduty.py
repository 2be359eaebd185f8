"""GuardDuty of the delegated administrator in one Region: its members, and what it sets up for all accounts.

Every error of what a caller does wrong is a BadRequestException (aws-semantics 4.3).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from avm.aws.errors import translated
from avm.aws.partial import refuse_unprocessed
from avm.aws.probes import MemberClients
from avm.domain.errors import FoundationBehind

ENABLED = "ENABLED"
"""Of a protection plan (botocore: FeatureStatus)."""


class GuardDuty:
    """The members of one administrator in one Region."""

    def __init__(self, clients: MemberClients, region: str) -> None:
        """``clients``: of the delegated administrator, in the Region."""
        self._client: Any = clients.client("guardduty")
        self._region = region

    def detector_id(self) -> str:
        """Return the administrator's detector; raises FoundationBehind where GuardDuty is off."""
        detector_id = self.find_detector()
        if detector_id is None:
            message = f"the security account has no GuardDuty detector in {self._region}"
            raise FoundationBehind(message)
        return detector_id

    def find_detector(self) -> str | None:
        """Return the administrator's detector; None where GuardDuty is off, or not seen to be on yet."""
        with translated():
            detectors = self._client.list_detectors()["DetectorIds"]
        return str(detectors[0]) if detectors else None

    def enrols(self, detector_id: str) -> str:
        """Return which accounts become members by themselves (``ALL``, ``NEW``, ``NONE``).

        Raises FoundationBehind where the account does not administer GuardDuty.
        """

        def behind(sentence: str) -> FoundationBehind:
            return FoundationBehind(f"the security account does not administer {self._region}: {sentence}")

        with translated(BadRequestException=behind):
            answer = self._client.describe_organization_configuration(DetectorId=detector_id)
        return str(answer["AutoEnableOrganizationMembers"])

    def enrol_all(self, detector_id: str) -> None:
        """Let all accounts become members by themselves, those that have left included (aws-semantics 4.3)."""
        with translated():
            self._client.update_organization_configuration(DetectorId=detector_id, AutoEnableOrganizationMembers="ALL")

    def is_managed_by_policy(self, detector_id: str) -> bool:
        """Say whether a policy of AWS Organizations decides what is on (aws-semantics 4.1)."""
        with translated():
            features = self._client.get_detector(DetectorId=detector_id).get("Features", ())
        return any(feature.get("ManagedBy") for feature in features)

    def relationship(self, detector_id: str, account_id: str) -> tuple[str | None, str]:
        """Return the status of an account's membership (``Created``, ``Enabled`` …), or None and AWS's reason."""
        with translated():
            answer = self._client.get_members(DetectorId=detector_id, AccountIds=[account_id])
        for member in answer["Members"]:
            return str(member["RelationshipStatus"]), ""
        return None, "; ".join(each["Result"] for each in answer["UnprocessedAccounts"])

    def features(self, detector_id: str, account_id: str) -> Mapping[str, str]:
        """Return what is on in a member's detector: feature -> ``ENABLED`` or ``DISABLED``.

        Raises ServiceUnavailable where AWS leaves the account out.
        """
        with translated():
            answer = self._client.get_member_detectors(DetectorId=detector_id, AccountIds=[account_id])
        refuse_unprocessed("GetMemberDetectors", answer, "Result")
        (member,) = answer["MemberDataSourceConfigurations"]
        return {feature["Name"]: feature["Status"] for feature in member.get("Features", ())}

    def own_features(self, detector_id: str) -> Mapping[str, str]:
        """Return what is on in the administrator's own detector."""
        with translated():
            features = self._client.get_detector(DetectorId=detector_id).get("Features", ())
        return {feature["Name"]: feature["Status"] for feature in features}

    def enable_features(self, detector_id: str, account_id: str, names: Collection[str]) -> None:
        """Switch protection plans of a member on, with all that they have beside; others stay as they are.

        Raises ServiceUnavailable where AWS leaves the account out.
        """
        features = [{"Name": name, "Status": ENABLED} for name in sorted(names)]
        with translated():
            answer = self._client.update_member_detectors(
                DetectorId=detector_id, AccountIds=[account_id], Features=features
            )
        refuse_unprocessed("UpdateMemberDetectors", answer, "Result")

    def create_member(self, detector_id: str, account_id: str, email: str) -> None:
        """Make an account a member: GuardDuty is enabled there soon after, or again.

        Raises ServiceUnavailable where AWS leaves the account out.
        """
        details = [{"AccountId": account_id, "Email": email}]
        with translated():
            answer = self._client.create_members(DetectorId=detector_id, AccountDetails=details)
        refuse_unprocessed("CreateMembers", answer, "Result")
