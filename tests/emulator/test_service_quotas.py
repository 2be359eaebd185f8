"""How many accounts an organization may have, as Service Quotas tells it."""

from __future__ import annotations

import pytest

from avm_emulator.context import Emulator
from avm_emulator.engine import Options

QUOTA = 3


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("avm_emulator.organizations", "avm_emulator.service_quotas")
    return Options(speed="max", prepare=False, deploy=False, accounts_quota=QUOTA, parts=parts)


def test_the_quota_of_accounts_is_the_one_that_is_kept(emulator: Emulator) -> None:
    quotas, elsewhere = (emulator.clients.client("service-quotas", region) for region in ("us-east-1", "eu-west-1"))
    (quota,) = quotas.list_service_quotas(ServiceCode="organizations")["Quotas"]
    assert (quota["QuotaName"], quota["Value"]) == ("Default maximum number of accounts", QUOTA)
    assert quota["QuotaArn"].startswith("arn:aws:servicequotas:us-east-1:123456789012:organizations/L-")
    for client, service in ((elsewhere, "organizations"), (quotas, "ec2")):
        with pytest.raises(client.exceptions.NoSuchResourceException):
            client.list_service_quotas(ServiceCode=service)
