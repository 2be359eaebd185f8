"""The aggregators of AWS Config in one account and Region: what it collects from others."""

from __future__ import annotations

from dataclasses import dataclass

from avm.aws.errors import translated
from avm.aws.probes import MemberClients
from avm.domain.errors import NotYetVisible


@dataclass(frozen=True)
class Aggregator:
    """What an aggregator is told."""

    role_arn: str | None
    """In which it asks AWS Organizations for the accounts; None: it collects from single accounts."""
    all_regions: bool

    def shown(self) -> dict[str, object]:
        """Return it by the API's names."""
        return {"RoleArn": self.role_arn, "AllAwsRegions": self.all_regions}


class Aggregators:
    """The aggregators of one account in one Region."""

    def __init__(self, clients: MemberClients) -> None:
        """``clients``: of the delegated administrator, in the Region."""
        self._client = clients.client("config")

    def all(self) -> dict[str, Aggregator]:
        """Return the aggregators by name."""
        with translated():
            pages = self._client.get_paginator("describe_configuration_aggregators").paginate()
            found = [each for page in pages for each in page["ConfigurationAggregators"]]
        return {each["ConfigurationAggregatorName"]: _aggregator(each) for each in found}

    def failure(self, name: str) -> str | None:
        """Return AWS's code and words where asking for the organization's accounts has failed; else None."""
        with translated(NoSuchConfigurationAggregatorException=NotYetVisible):
            pages = self._client.get_paginator("describe_configuration_aggregator_sources_status").paginate(
                ConfigurationAggregatorName=name, UpdateStatus=["FAILED"]
            )
            failed = [each for page in pages for each in page["AggregatedSourceStatusList"]]
        for each in failed:
            if each["SourceType"] == "ORGANIZATION":
                return f"{each.get('LastErrorCode', 'no code')}: {each.get('LastErrorMessage', 'no reason given')}"
        return None

    def sources(self, name: str) -> dict[tuple[str, str], str]:
        """Return (account, Region) -> how the last collection from there went, with AWS's code where it failed."""
        with translated(NoSuchConfigurationAggregatorException=NotYetVisible):
            pages = self._client.get_paginator("describe_configuration_aggregator_sources_status").paginate(
                ConfigurationAggregatorName=name
            )
            found = [each for page in pages for each in page["AggregatedSourceStatusList"]]
        return {
            (each["SourceId"], each["AwsRegion"]): " ".join(
                filter(None, (each["LastUpdateStatus"], each.get("LastErrorCode")))
            )
            for each in found
            if each["SourceType"] == "ACCOUNT"
        }

    def put(self, name: str, wanted: Aggregator) -> None:
        """Make or change an aggregator of the organization; NotYetVisible while Config cannot take its new role."""
        source = {"RoleArn": wanted.role_arn, "AllAwsRegions": wanted.all_regions}
        with translated(InvalidRoleException=NotYetVisible):
            self._client.put_configuration_aggregator(
                ConfigurationAggregatorName=name, OrganizationAggregationSource=source
            )


def _aggregator(found: dict[str, object]) -> Aggregator:
    source = found.get("OrganizationAggregationSource")
    if not isinstance(source, dict):
        return Aggregator(None, all_regions=False)
    return Aggregator(source["RoleArn"], bool(source.get("AllAwsRegions")))
