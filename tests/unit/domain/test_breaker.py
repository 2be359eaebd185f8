"""The circuit breaker."""

from avm.domain.breaker import Breaker, Opening, Repair, RepairLimits

LIMITS = RepairLimits(control=2, account=3, machine=4)


def repair(number: int, account_id: str = "1", control: str = "a", minute: int = 0, actor: str = "x") -> Repair:
    time = f"2026-01-01T{minute // 60:02}:{minute % 60:02}:00Z"
    return Repair(run=f"r-{number}", account_id=account_id, control=control, time=time, actor=actor)


def test_each_scope_has_its_limit_within_an_hour() -> None:
    breaker = Breaker()
    admitted = []
    for number, (account_id, control) in enumerate((("1", "a"), ("1", "a"), ("1", "b"), ("2", "a"))):
        breaker, stop = breaker.admit(repair(number, account_id, control), LIMITS)
        admitted.append(stop is None)
    assert admitted == [True] * 4
    for account_id, scope in (("3", "machine"), ("1", "machine")):
        breaker, stop = breaker.admit(repair(9, account_id), LIMITS)
        assert stop is not None
        assert scope in breaker.open


def test_what_is_an_hour_old_does_not_count_and_what_is_open_stays_so() -> None:
    breaker = Breaker()
    for number in range(2):
        breaker, _ = breaker.admit(repair(number), LIMITS)
    later, stop = breaker.admit(repair(7, minute=60), LIMITS)
    assert stop is None
    assert [each.run for each in later.repairs] == ["r-7"]
    opened, stop = breaker.admit(repair(8, minute=1), LIMITS)
    assert stop is not None
    assert list(opened.open) == ["1/a"]
    assert opened.admit(repair(9, minute=300), LIMITS) == (opened, stop)
    other, stop = opened.admit(repair(10, control="b", minute=1), LIMITS)
    assert stop is None
    assert len(other.repairs) == 3


def test_who_made_the_repairs_necessary_is_named() -> None:
    breaker = Breaker()
    for number, actor in enumerate(("terraform", "terraform")):
        breaker, _ = breaker.admit(repair(number, actor=actor), LIMITS)
    _, stop = breaker.admit(repair(3, actor="jane"), LIMITS)
    assert stop is not None
    assert "terraform (2), jane (1)" in stop.reason


def test_a_reset_counts_anew() -> None:
    breaker = Breaker()
    for number in range(3):
        breaker, _ = breaker.admit(repair(number), LIMITS)
    assert breaker.open
    assert breaker.reset("1/a") == Breaker()
    stopped = Breaker(repairs=(repair(1),)).stopped("2", Opening(since="t", reason="x"))
    assert stopped.reset("1").open == stopped.open
    assert stopped.reset("1").repairs == ()
    assert stopped.reset(None) == Breaker()
