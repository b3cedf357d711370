from loresmith.serve.rate import MOST_CLIENTS, Buckets, household


def test_a_client_sends_its_minute_at_once_and_then_as_fast_as_it_refills() -> None:
    now = [0.0]
    buckets = Buckets(6, clock=lambda: now[0])
    assert [buckets.take("a") for _ in range(6)] == [0] * 6
    assert buckets.take("a") == 10
    assert buckets.take("b") == 0
    now[0] = 9.0
    assert 0 < buckets.take("a") <= 1.01
    now[0] = 10.01
    assert buckets.take("a") == 0
    assert buckets.take("a") > 9
    now[0] = 1000.0
    assert [buckets.take("a") for _ in range(6)] == [0] * 6
    assert buckets.take("a") > 0


def test_many_clients_take_bounded_room() -> None:
    buckets = Buckets(1, clock=lambda: 0.0)
    for number in range(MOST_CLIENTS + 50):
        buckets.take(str(number))
    assert len(buckets._levels) == MOST_CLIENTS
    assert buckets.take(str(MOST_CLIENTS)) > 0


def test_a_household_of_ipv6_is_one_client() -> None:
    assert household("2001:db8:1:2:3::9") == household("2001:db8:1:2:ffff::1") != household("2001:db8:1:3::1")
    assert (household("192.0.2.7"), household("testclient")) == ("192.0.2.7", "testclient")
