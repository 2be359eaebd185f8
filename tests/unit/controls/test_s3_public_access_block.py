"""s3-public-access-block."""

from __future__ import annotations

import pytest

from avm.controls.s3_public_access_block import WANTED, S3PublicAccessBlock
from tests.unit.controls.conftest import Place

CONTROL = S3PublicAccessBlock()


@pytest.mark.parametrize("hole", WANTED)
def test_a_block_with_one_hole_is_none(place: Place, hole: str) -> None:
    settings = {**WANTED, hole: False}
    place.member().client("s3control").put_public_access_block(
        AccountId=place.account_id, PublicAccessBlockConfiguration=settings
    )
    found = CONTROL.observe(place.target(), place)
    assert (found.status, found.evidence) == ("violated", {"GetPublicAccessBlock": settings})
    (change,) = CONTROL.enforce(place.target(), place)
    assert (change.operation, change.resource) == ("PutPublicAccessBlock", place.account_id)
    assert CONTROL.observe(place.target(), place).evidence == {"GetPublicAccessBlock": WANTED}


def test_an_account_without_a_block_shows_nothing(place: Place) -> None:
    found = CONTROL.observe(place.target(), place)
    assert (found.status, found.evidence) == ("violated", {"GetPublicAccessBlock": {}})
