"""How cost grows with what is stored: STORE/growth/OPERATION/ENTRIES, STORE/open/ENTRIES."""

import re
import statistics

from results import THROUGHPUT

_GROWTH = re.compile(r"(?:growth/(?P<store>[^/]+)|(?P<store_first>[^/]+)(?:/growth|(?=/open/)))"
                     r"/(?P<operation>.+)/(?P<entries>\d+)(?P<rest>/.*)?")


def is_growth(contest):
    return _GROWTH.fullmatch(contest) is not None


def curves_of(contests):
    """A dict from store to {operation: [(entries, nanoseconds an item)]}, ascending."""
    stores = {}
    for contest, measurements in contests.items():
        match = _GROWTH.fullmatch(contest)
        if not match:
            continue
        store = match["store"] or match["store_first"]
        for contestant, measurement in measurements.items():
            rates = measurement.values(THROUGHPUT)
            if measurement.error or not rates or min(rates) <= 0:
                continue
            operation = match["operation"] + (match["rest"] or "")
            if len(measurements) > 1:
                operation += f" by {contestant}"
            points = stores.setdefault(store, {}).setdefault(operation, [])
            points.append((int(match["entries"]), 1e9 / statistics.median(rates)))
    for operations in stores.values():
        for points in operations.values():
            points.sort()
    return stores
