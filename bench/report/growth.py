"""How cost grows with what is stored: the results of the program `growth`."""

import dataclasses

from results import Failure

@dataclasses.dataclass
class Growth:
    """What one store said: {operation: [(entries, number)]} ascending, for each metric."""
    metrics: dict = dataclasses.field(default_factory=dict)

    def add(self, metric, operation, entries, number):
        points = self.metrics.setdefault(metric, {}).setdefault(operation, [])
        points.append((entries, number))
        points.sort()

    def curves(self, metric):
        return self.metrics.get(metric, {})


# What `growth` calls a number, and the metrics of the tables.
MEDIAN, SLOW, INSTRUCTIONS, OTHER = "median_ns", "p99_ns", "median_instructions", "value"


def of_rows(rows):
    """A dict from store to Growth."""
    stores = {}
    for row in rows:
        try:
            growth = stores.setdefault(row["store"], Growth())
            for metric in (MEDIAN, SLOW, INSTRUCTIONS, OTHER):
                if metric in row:
                    growth.add(metric, row["operation"], int(row["entries"]), float(row[metric]))
        except (KeyError, TypeError, ValueError) as error:
            raise Failure(f"a result of growth cannot be understood: {row}") from error
    return stores
