"""The tables of the document, in Markdown."""

import math
import statistics

import growth as growing

NOT_MEASURED = "not measured"


def rounded(number):
    """Three digits that count, with commas between thousands."""
    if number == 0:
        return "0"
    digits = 2 - math.floor(math.log10(abs(number)))
    return f"{round(number, digits):,.{max(digits, 0)}f}"


def _line(cells):
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def table(head, rows):
    lines = [_line(head), "|" + "---|" * len(head)]
    return "\n".join(lines + [_line(row) for row in rows])


def _spread(figure):
    return f"{figure.least:.2f} to {figure.most:.2f}"


def _limit(target):
    return f"≥ {target.at_least:g}" if target.at_most is None else f"≤ {target.at_most:g}"


def _verdict(outcome):
    missed, measured = len(outcome.missed), len(outcome.measured)
    if not measured:
        problems = sorted({comparison.problem for comparison in outcome.comparisons})
        return "; ".join([NOT_MEASURED] + problems)
    if not missed:
        return "reached"
    return "**missed**" if missed == measured else f"**missed** in {missed} of {measured}"


def _target_row(outcome):
    target, nearest = outcome.target, outcome.nearest
    if nearest is None:
        return [target.row, _limit(target), "", "", "", _verdict(outcome)]
    figure = nearest.figure
    return [target.row, _limit(target), f"{figure.median:.2f}", _spread(figure),
            f"`{nearest.contest}`", _verdict(outcome)]


def targets(outcomes):
    sections = {}
    for outcome in outcomes:
        sections.setdefault(outcome.target.section, []).append(_target_row(outcome))
    head = ["", "target", "worst", "spread", "where", ""]
    return "\n\n".join(f"**{section}**\n\n{table(head, rows)}"
                       for section, rows in sections.items())


def _comparison_row(comparison):
    row = [f"`{comparison.contest}`", f"`{comparison.contestant}`", f"`{comparison.against}`"]
    if comparison.figure is None:
        return row[:3] + ["", "", f"{NOT_MEASURED}: {comparison.problem}", ""]
    return row + [rounded(comparison.own_median), rounded(comparison.other_median),
                  f"{comparison.figure.median:.2f}", _spread(comparison.figure)]


def comparisons(found):
    """All ratios of throughputs, a table for each store."""
    stores = {}
    for comparison in found:
        store = comparison.contest.split("/")[0]
        stores.setdefault(store, []).append(_comparison_row(comparison))
    if not stores:
        return "Not measured yet."
    head = ["contest", "who", "beside", "items/s", "items/s beside", "ratio", "spread"]
    return "\n\n".join(
        f"<details><summary>{store} ({len(rows)})</summary>\n\n{table(head, rows)}\n\n"
        "</details>" for store, rows in stores.items())


_GROWTH = (
    (growing.MEDIAN, "median, microseconds", 1e-3),
    (growing.SLOW, "99th percentile, microseconds", 1e-3),
    (growing.INSTRUCTIONS, "median, instructions outside the kernel", 1),
    (growing.OTHER, "numbers", 1),
)


def _growth_table(title, curves, scale):
    sizes = sorted({entries for curve in curves.values() for entries, _ in curve})
    rows = []
    for operation, curve in curves.items():
        numbers = dict(curve)
        rows.append([operation.replace("_", " ")] +
                    [rounded(scale * numbers[size]) if size in numbers else "" for size in sizes])
    return table([title] + [f"{size:,}" for size in sizes], rows)


def growth(stores):
    """For each store a table for each metric, with a column for each size."""
    tables = [_growth_table(f"{store}: {title}", grown.curves(metric), scale)
              for store, grown in stores.items() for metric, title, scale in _GROWTH
              if grown.curves(metric)]
    return "\n\n".join(tables) or "Not measured yet."


_COSTS = (
    ("cost/bytes/", "bytes", "stripped, KiB", 1 / 1024),
    ("cost/compile/", "seconds", "compile time, seconds", 1),
    ("cost/start/", "milliseconds", "start-up, milliseconds", 1),
)


def costs(contests):
    """Sizes, times of compilation and of starting."""
    tables = []
    for prefix, metric, title, scale in _COSTS:
        rows = []
        for contest, measurements in contests.items():
            for contestant, measurement in measurements.items():
                values = measurement.values(metric)
                if not contest.startswith(prefix) or not values:
                    continue
                name = contest[len(prefix):] + (f" {contestant}" if len(measurements) > 1 else "")
                rows.append([f"`{name}`"] + [rounded(scale * number) for number in
                                             (statistics.median(values), min(values), max(values))])
        if rows:
            tables.append(table([title, "median", "least", "most"], rows))
    return "\n\n".join(tables) or "Not measured yet."
