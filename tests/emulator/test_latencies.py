"""The one table of latencies."""

from __future__ import annotations

import pytest

from avm_emulator.latencies import LATENCIES, Latencies


@pytest.mark.parametrize("operation", LATENCIES)
def test_every_latency_says_where_it_comes_from(operation: str) -> None:
    assert LATENCIES[operation].seconds >= 0
    assert LATENCIES[operation].source.strip()


def test_a_changed_latency_counts_and_says_that_it_was_changed() -> None:
    latencies = Latencies()
    latencies.change({"organizations:CreateAccount": 300})
    assert latencies["organizations:CreateAccount"] == 300
    assert latencies.table()["organizations:CreateAccount"] == {"seconds": 300, "source": "set by hand"}
    assert latencies.table()["organizations:CloseAccount"]["source"] == LATENCIES["organizations:CloseAccount"].source


def test_latencies_that_make_no_sense_are_all_named_and_none_is_changed() -> None:
    latencies = Latencies()
    with pytest.raises(
        ValueError, match=r"s3:Magic has no latency; .*CloseAccount cannot take -1 s; known are "
    ) as caught:
        latencies.change({"organizations:CreateAccount": 1, "s3:Magic": 1, "organizations:CloseAccount": -1})
    assert "organizations:CreateAccount, organizations:FinalizeOrganization" in str(caught.value)
    assert latencies["organizations:CreateAccount"] == LATENCIES["organizations:CreateAccount"].seconds
