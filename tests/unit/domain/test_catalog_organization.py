import pytest

from avm.domain.organization import global_region


@pytest.mark.parametrize(
    ("region", "expected"),
    [("eu-west-1", "us-east-1"), ("us-gov-east-1", "us-gov-west-1"), ("cn-north-1", "cn-northwest-1")],
)
def test_global_services_answer_in_one_region_of_the_partition(region: str, expected: str) -> None:
    assert global_region(region) == expected
