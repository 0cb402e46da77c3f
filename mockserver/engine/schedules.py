"""When a delivery is tried again: seconds to wait before each attempt, as data. A vendor's own is in its folder."""

from __future__ import annotations

from collections.abc import Mapping

_M, _H = 60.0, 3600.0

# standard: the spec's recommendation (Standard Webhooks 1.0, "Deliverability and reliability").
# svix: docs.svix.com/retries. stripe: docs say "up to three days with an exponential back off"; the steps are a guess.
# github: docs.github.com, "GitHub does not automatically redeliver failed deliveries".
SCHEDULES: Mapping[str, tuple[float, ...]] = {
    "standard": (0.0, 5.0, 5 * _M, 30 * _M, 2 * _H, 5 * _H, 10 * _H, 14 * _H, 20 * _H, 24 * _H),
    "svix": (0.0, 5.0, 5 * _M, 30 * _M, 2 * _H, 5 * _H, 10 * _H, 10 * _H),
    "stripe": (0.0, 5 * _M, 30 * _M, 2 * _H, 5 * _H, 10 * _H, 12 * _H, 18 * _H, 24 * _H),
    "github": (0.0,),
    "none": (0.0,),
}

RETRY_AFTER_CAP = 24 * _H  # a receiver's Retry-After is honoured up to here
