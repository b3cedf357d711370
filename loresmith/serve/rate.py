"""How much one client may send: a token bucket each."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

MOST_CLIENTS = 10_000
SECONDS_A_MINUTE = 60.0
IPV6_HOUSE_BITS = 64
"""One household has this much of an IPv6 address to itself, and may take any address within."""


class Buckets:
    """Lets each client send `per_minute` at once, and as much again within each minute."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = float(per_minute)
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """What was left, and when; who was here longest ago stands first."""

    def take(self, client: str) -> float:
        """Seconds until `client` may send; 0 means now, and counts it."""
        now = self._clock()
        left, then = self._levels.pop(client, (self._most, now))
        left = min(self._most, left + (now - then) * self._most / SECONDS_A_MINUTE)
        is_allowed = left >= 1
        self._levels[client] = (left - 1 if is_allowed else left, now)
        if len(self._levels) > MOST_CLIENTS:
            self._levels.popitem(last=False)
        return 0.0 if is_allowed else (1 - left) * SECONDS_A_MINUTE / self._most


def household(address: str) -> str:
    """`address`, or the network of 64 bits that an IPv6 address belongs to."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((parsed, IPV6_HOUSE_BITS), strict=False))
