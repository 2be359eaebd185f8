"""Central management of root access: what IAM does with the root users of all member accounts."""

from __future__ import annotations

from typing import Literal

from botocore.exceptions import ClientError

from avm.aws.broker import ENABLE_FEATURES, READ_FOUNDATION, Broker
from avm.aws.errors import error_code, translated
from avm.domain.errors import NotYetVisible

RootFeature = Literal["RootCredentialsManagement", "RootSessions"]
"""Botocore: FeatureType."""
_ENABLE = {
    "RootCredentialsManagement": "enable_organizations_root_credentials_management",
    "RootSessions": "enable_organizations_root_sessions",
}


class RootAccess:
    """The features that IAM has switched on for the organization; every read is of now."""

    def __init__(self, broker: Broker) -> None:
        """``broker``: the way into the management account."""
        self._broker = broker

    def features(self) -> set[str]:
        """Return the features that are on: none works while AWS Organizations does not trust IAM."""
        with translated():
            try:
                answer = self._broker.iam(READ_FOUNDATION).list_organizations_features()
            except ClientError as error:
                if error_code(error) == "ServiceAccessNotEnabledException":
                    return set()
                raise
        return set(answer["EnabledFeatures"])

    def own_root_user(self) -> dict[str, int]:
        """Return, by IAM's names, whether the management account's root user has MFA and access keys: 1 or 0."""
        with translated():
            summary = self._broker.iam(READ_FOUNDATION).get_account_summary()["SummaryMap"]
        return {name: summary[name] for name in ("AccountMFAEnabled", "AccountAccessKeysPresent")}

    def enable(self, feature: RootFeature) -> None:
        """Switch a feature on; NotYetVisible while IAM does not see that it is trusted."""
        client = self._broker.iam(ENABLE_FEATURES)
        with translated(ServiceAccessNotEnabledException=NotYetVisible):
            getattr(client, _ENABLE[feature])()
