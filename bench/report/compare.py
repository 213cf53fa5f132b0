"""Compares contestants, and what they reach with what is to be reached."""

import dataclasses
import fnmatch
import json
import statistics

from results import THROUGHPUT, Failure

# Contests in which nothing stands beside Holdfast: it is how they grow that counts.
_ALONE = ("*/open/*",)


def _is_holdfast(contestant):
    """Whether it is Holdfast, or one of its stores where several take part."""
    return contestant.split("_")[0] == "holdfast"


@dataclasses.dataclass
class Figure:
    """A median, and the least and the most of the repetitions it is of."""
    median: float
    least: float
    most: float
    repetitions: int


@dataclasses.dataclass
class Comparison:
    """One contest between two; `against` is "" where a figure stands for itself."""
    contest: str
    contestant: str
    against: str
    figure: Figure = None  # Of the ratio; None where there is none.
    own_median: float = None
    other_median: float = None
    problem: str = ""  # Why there is no figure.


@dataclasses.dataclass
class Target:
    """A row of targets.json."""
    section: str
    row: str
    contest: str  # A pattern; `*` stands for anything, slashes too.
    contestant: str
    against: str = ""
    at_least: float = None
    at_most: float = None
    metric: str = THROUGHPUT

    def reached_by(self, ratio):
        return ratio >= self.at_least if self.at_most is None else ratio <= self.at_most


@dataclasses.dataclass
class Outcome:
    """What became of a target: a comparison for each contest that its pattern fits."""
    target: Target
    comparisons: list

    @property
    def measured(self):
        return [comparison for comparison in self.comparisons if comparison.figure]

    @property
    def missed(self):
        return [comparison for comparison in self.measured
                if not self.target.reached_by(comparison.figure.median)]

    @property
    def nearest(self):
        """The comparison that is the worst for the target."""
        if not self.measured:
            return None
        worst = min if self.target.at_most is None else max
        return worst(self.measured, key=lambda comparison: comparison.figure.median)


def read_targets(path):
    with open(path, encoding="utf-8") as file:
        try:
            rows = json.load(file)
        except ValueError as error:
            raise Failure(f"{path} is not JSON: {error}") from error
    targets = []
    for row in rows:
        try:
            target = Target(**row)
        except TypeError as error:
            raise Failure(f"{path}: {row}: {error}") from error
        if (target.at_least is None) == (target.at_most is None):
            raise Failure(f"{path}: '{target.row}' takes either at_least or at_most")
        targets.append(target)
    return targets


def figure_of(numbers):
    return Figure(statistics.median(numbers), min(numbers), max(numbers), len(numbers))


def _missing(own, other, contestant, against):
    for measurement, name in ((own, contestant), (other, against)):
        if measurement is not None and measurement.error:
            return f"{name} failed: {measurement.error}"
    return f"{contestant if own is None else against} was not measured"


def compare(contest, measurements, contestant, against, metric=THROUGHPUT):
    """The ratio contestant / against; the spread is that of the ratios of each repetition."""
    comparison = Comparison(contest, contestant, against)
    own = measurements.get(contestant)
    other = measurements.get(against) if against else own
    own_numbers = own.values(metric) if own and not own.error else []
    other_numbers = other.values(metric) if other and not other.error else []
    if not own_numbers or not other_numbers:
        comparison.problem = _missing(own, other, contestant, against or contestant)
        return comparison
    comparison.own_median = statistics.median(own_numbers)
    if not against:
        comparison.figure = figure_of(own_numbers)
        return comparison
    if min(other_numbers) <= 0:
        comparison.problem = f"{against} measured nothing"
        return comparison
    comparison.other_median = statistics.median(other_numbers)
    # Repetitions are interleaved: those of the same number ran close to each other.
    ratios = [mine / theirs for mine, theirs in zip(own_numbers, other_numbers)]
    comparison.figure = Figure(comparison.own_median / comparison.other_median,
                               min(ratios), max(ratios), len(ratios))
    return comparison


def outcomes_of(targets, contests):
    """An Outcome for each target."""
    outcomes = []
    for target in targets:
        found = []
        for contest, measurements in contests.items():
            if not fnmatch.fnmatchcase(contest, target.contest):
                continue
            # A pattern may fit contests that others take part in.
            if target.contestant in measurements and (target.against or
                                                      target.contestant) in measurements:
                found.append(compare(contest, measurements, target.contestant, target.against,
                                     target.metric))
        outcomes.append(Outcome(target, found))
    return outcomes


def _pairs(contest, measurements, targets):
    own = [name for name in measurements if _is_holdfast(name)]
    if own:
        return [(name, other) for name in own for other in measurements if not _is_holdfast(other)]
    return sorted({(target.contestant, target.against) for target in targets
                   if target.against and target.contestant in measurements and
                   target.against in measurements and
                   fnmatch.fnmatchcase(contest, target.contest)})


def failures(contests):
    """A sentence for each measurement that failed."""
    return [f"{contest}: {name or 'it'} failed: {measurement.error}"
            for contest, measurements in contests.items()
            for name, measurement in measurements.items() if measurement.error]


def all_comparisons(contests, targets):
    """(comparisons of all throughputs, problems as sentences)."""
    comparisons = []
    problems = []
    for contest, measurements in contests.items():
        if not any(m.values(THROUGHPUT) for m in measurements.values()):
            continue
        if any(fnmatch.fnmatchcase(contest, pattern) for pattern in _ALONE):
            continue
        if "" in measurements:
            problems.append(f"{contest}: the name says no contestant (by:...)")
            continue
        pairs = _pairs(contest, measurements, targets)
        if not pairs:
            names = ", ".join(measurements)
            problems.append(f"{contest}: there is nothing to compare {names} with")
        comparisons += [compare(contest, measurements, *pair) for pair in pairs]
    return comparisons, problems
