"""How often somebody may fail, with the clock as an argument, on both databases."""

from datetime import timedelta

import pytest
from sqlmodel import select

from selfcare_app.locales import text
from selfcare_app.models import Throttle
from selfcare_app.services import throttle
from selfcare_app.services.database import session, writing
from tests.factories import NOW

ACCOUNT = (throttle.Limit("account", free=5),)
SOURCE = (throttle.Limit("source", free=50, within=timedelta(minutes=15), keeps=True),)


def attempt(limits, now):
    with writing() as db:
        return throttle.reserve(db, limits, now)


def succeed(attempted, now):
    with writing() as db:
        throttle.take_back(db, attempted, now)


def wait(limits, now):
    """Seconds one is told to wait; 0 when the attempt is looked at (and counted)."""
    try:
        attempt(limits, now)
    except throttle.Throttled as refused:
        return refused.seconds
    return 0


def test_five_failures_are_free_and_then_the_wait_doubles_up_to_fifteen_minutes(database):
    now, waits = NOW, []
    for _ in range(5):
        assert wait(ACCOUNT, now) == 0
    for _ in range(14):
        assert wait(ACCOUNT, now) == 0
        waits.append(wait(ACCOUNT, now))
        now += timedelta(seconds=waits[-1])
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]


def test_knocking_while_blocked_does_not_lengthen_the_wait(database):
    for _ in range(6):
        attempt(ACCOUNT, NOW)
    for _ in range(100):
        assert wait(ACCOUNT, NOW) == 1
    assert wait(ACCOUNT, NOW + timedelta(seconds=1)) == 0


def test_failures_are_forgotten_after_an_hour_without_any(database):
    for _ in range(6):
        attempt(ACCOUNT, NOW)
    later = NOW + timedelta(hours=1)
    for _ in range(6):
        assert wait(ACCOUNT, later) == 0
    assert wait(ACCOUNT, later) == 1


def test_success_forgives_the_account(database):
    for _ in range(5):
        attempt(ACCOUNT, NOW)
    succeed(attempt(ACCOUNT, NOW), NOW)
    for _ in range(5):
        assert wait(ACCOUNT, NOW) == 0


def test_success_takes_back_one_attempt_of_a_source_and_not_those_of_others(database):
    for _ in range(50):
        attempt(SOURCE, NOW)
    succeed(attempt(SOURCE, NOW), NOW)
    assert wait(SOURCE, NOW) == 0
    assert wait(SOURCE, NOW) == 1


def test_a_source_that_fails_slowly_is_never_blocked(database):
    for minute in range(200):
        now = NOW + timedelta(seconds=18 * minute)
        assert wait(SOURCE, now) == 0


def test_a_source_that_fails_faster_than_fifty_in_fifteen_minutes_is_blocked(database):
    waits = [wait(SOURCE, NOW + timedelta(seconds=5 * n)) for n in range(60)]
    assert waits[:51] == [0] * 51
    assert any(waits[51:])


def test_any_blocked_limit_refuses_and_then_nothing_is_counted(database):
    for _ in range(6):
        attempt(ACCOUNT, NOW)
    for _ in range(10):
        assert wait((*SOURCE, *ACCOUNT), NOW) == 1
    with session() as db:
        assert db.exec(select(Throttle).where(Throttle.key == "source")).first() is None


def test_keys_give_nothing_away(database):
    limits = throttle.sign_in_limits("asa@bjorko.example", "192.0.2.10", known=False)
    attempt(limits, NOW)
    with session() as db:
        kept = " ".join(row.key for row in db.exec(select(Throttle)))
    assert "asa" not in kept
    assert "192.0.2" not in kept


def test_an_ipv6_line_is_one_source_and_a_mapped_address_is_its_ipv4():
    def source_key(source):
        return throttle.sign_in_limits("a", source, known=False)[0].key

    assert source_key("2001:db8:1:2::1") == source_key("2001:db8:1:2:ffff::9")
    assert source_key("2001:db8:1:2::1") != source_key("2001:db8:1:3::1")
    assert source_key("::ffff:192.0.2.10") == source_key("192.0.2.10")
    assert source_key("192.0.2.10") != source_key("192.0.2.11")


def test_what_is_rationed_comes_back_after_an_hour(database):
    limit = throttle.mail_account_limit("asa@bjorko.example")

    def spend(now):
        with writing() as db:
            throttle.spend(db, limit, now)

    for minute in (0, 10, 59):
        spend(NOW + timedelta(minutes=minute))
    with pytest.raises(throttle.Throttled) as refused:
        spend(NOW + timedelta(minutes=59))
    assert refused.value.seconds == 60
    spend(NOW + timedelta(minutes=60))


def test_old_counts_are_deleted_and_young_ones_kept(database):
    attempt(ACCOUNT, NOW)
    attempt(SOURCE, NOW + timedelta(hours=2))
    with writing() as db:
        throttle.forget_old(db, NOW + timedelta(hours=2, seconds=1))
    with session() as db:
        assert [row.key for row in db.exec(select(Throttle))] == ["source"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1, "Vänta 1 sekund och försök igen."),
        (64, "Vänta 64 sekunder och försök igen."),
        (128, "Vänta 3 minuter och försök igen."),
        (900, "Vänta 15 minuter och försök igen."),
    ],
)
def test_the_wait_is_told_in_words(seconds, said):
    refused = throttle.Throttled(seconds)
    assert text("sv", refused.key, **refused.values).endswith(said)
