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
    assert "organizations:CreateAccount, " in str(caught.value)
    assert latencies["organizations:CreateAccount"] == LATENCIES["organizations:CreateAccount"].seconds


def test_a_range_gives_each_thing_its_own_figure_the_same_one_again() -> None:
    latencies = Latencies()
    least, most = LATENCIES["new-account:Service"].span
    figures = [latencies.of("new-account:Service", 1, service, "eu-west-1") for service in ("ec2", "config", "kms")]
    assert all(least <= figure <= most for figure in figures)
    assert len(set(figures)) == 3
    assert figures[0] == Latencies().of("new-account:Service", 1, "ec2", "eu-west-1")
    latencies.change({}, seed=5)
    assert latencies.of("new-account:Service", 1, "ec2", "eu-west-1") != figures[0]


def test_a_figure_may_become_a_range_and_a_range_a_figure() -> None:
    latencies = Latencies()
    latencies.change({"organizations:CreateAccount": [20, 40], "new-account:Service": 7})
    assert latencies.table()["organizations:CreateAccount"]["seconds"] == [20, 40]
    assert 20 <= latencies["organizations:CreateAccount"] <= latencies.longest("organizations:CreateAccount") == 40
    assert latencies.of("new-account:Service", 1) == 7
    latencies.reset()
    assert latencies.table() == Latencies().table()


@pytest.mark.parametrize(
    "figure", [-1, "5", None, True, float("nan"), float("inf"), [], [1], [2, 1], [1, 2, 3], [-1, 1], [1, "2"], {}, "12"]
)
def test_what_is_no_figure_is_refused(figure: object) -> None:
    with pytest.raises(ValueError, match="organizations:CreateAccount cannot take"):
        Latencies().change({"organizations:CreateAccount": figure})
