"""Ratios are those of the medians, and targets are reached or missed by them."""

import json
import os
import tempfile
import unittest

import sample
import compare
import results


def contests_of(*benchmarks):
    with tempfile.TemporaryDirectory() as folder:
        sample.write_results(folder, "a.json", [run for runs in benchmarks for run in runs])
        return sample.read(folder).contests()


def target(**changes):
    row = {"section": "s", "row": "r", "contest": "m/get*", "contestant": "holdfast",
           "against": "map", "at_least": 0.9}
    return compare.Target(**{**row, **changes})


class Ratios(unittest.TestCase):
    def test_ratio_is_of_medians_and_spread_of_repetitions(self):
        contests = contests_of(sample.runs("m/get/by:holdfast", [90, 100, 300]),
                               sample.runs("m/get/by:map", [100, 200, 200]))
        found = compare.compare("m/get", contests["m/get"], "holdfast", "map")
        self.assertEqual((found.own_median, found.other_median), (100, 200))
        self.assertEqual(found.figure, compare.Figure(0.5, 0.5, 1.5, 3))

    def test_who_was_not_measured_is_named(self):
        contests = contests_of(sample.runs("m/get/by:holdfast", [90]))
        found = compare.compare("m/get", contests["m/get"], "holdfast", "map")
        self.assertIsNone(found.figure)
        self.assertEqual(found.problem, "map was not measured")

    def test_alternative_that_failed_gives_no_ratio_but_its_message(self):
        contests = contests_of(sample.runs("m/get/by:holdfast", [90]),
                               sample.failed("m/get/by:map", "no server"))
        found = compare.compare("m/get", contests["m/get"], "holdfast", "map")
        self.assertIsNone(found.figure)
        self.assertEqual(found.problem, "map failed: no server")
        self.assertEqual(compare.failures(contests), ["m/get: map failed: no server"])

    def test_alternative_of_nothing_is_no_division_by_zero(self):
        contests = contests_of(sample.runs("m/get/by:holdfast", [90]),
                               sample.runs("m/get/by:map", [0]))
        found = compare.compare("m/get", contests["m/get"], "holdfast", "map")
        self.assertEqual(found.problem, "map measured nothing")


class AllComparisons(unittest.TestCase):
    def test_holdfast_meets_each_other(self):
        contests = contests_of(*[sample.runs(f"m/get/by:{name}", [1])
                                 for name in ("holdfast", "map", "tree")])
        found, problems = compare.all_comparisons(contests, [])
        self.assertEqual([(c.contestant, c.against) for c in found],
                         [("holdfast", "map"), ("holdfast", "tree")])
        self.assertEqual(problems, [])

    def test_targets_say_who_meets_without_holdfast(self):
        contests = contests_of(sample.runs("m/get/by:lru", [1]), sample.runs("m/get/by:none", [1]))
        found, problems = compare.all_comparisons(contests, [target(contestant="lru",
                                                                    against="none")])
        self.assertEqual([(c.contestant, c.against) for c in found], [("lru", "none")])
        self.assertEqual(problems, [])

    def test_each_store_of_holdfast_meets_the_others_and_not_its_own(self):
        contests = contests_of(*[sample.runs(f"redis/get/by:{name}", [1])
                                 for name in ("holdfast_sqlite", "holdfast_in_memory", "redis")])
        found, _ = compare.all_comparisons(contests, [])
        self.assertEqual([(c.contestant, c.against) for c in found],
                         [("holdfast_in_memory", "redis"), ("holdfast_sqlite", "redis")])

    def test_opening_stands_alone(self):
        contests = contests_of(sample.runs("sqlite/open/200B/10/by:holdfast", [1]))
        self.assertEqual(compare.all_comparisons(contests, []), ([], []))

    def test_contest_with_no_alternative_is_a_problem(self):
        contests = contests_of(sample.runs("m/get/by:holdfast", [1]))
        found, problems = compare.all_comparisons(contests, [])
        self.assertEqual(found, [])
        self.assertEqual(problems, ["m/get: there is nothing to compare holdfast with"])

    def test_throughput_of_nobody_is_a_problem(self):
        _, problems = compare.all_comparisons(contests_of(sample.runs("m/get", [1])), [])
        self.assertEqual(problems, ["m/get: the name says no contestant (by:...)"])

    def test_counters_need_no_alternative(self):
        contests = contests_of(sample.runs("cost/a/by:holdfast", [1], "seconds"))
        self.assertEqual(compare.all_comparisons(contests, []), ([], []))


class Targets(unittest.TestCase):
    def outcome(self, *benchmarks, **changes):
        return compare.outcomes_of([target(**changes)], contests_of(*benchmarks))[0]

    def test_one_contest_below_misses_it(self):
        outcome = self.outcome(
            sample.runs("m/get/1/by:holdfast", [95]), sample.runs("m/get/1/by:map", [100]),
            sample.runs("m/get/2/by:holdfast", [85]), sample.runs("m/get/2/by:map", [100]))
        self.assertEqual([c.contest for c in outcome.missed], ["m/get/2"])
        self.assertEqual(outcome.nearest.contest, "m/get/2")

    def test_what_is_just_reached_is_reached(self):
        outcome = self.outcome(sample.runs("m/get/by:holdfast", [90]),
                               sample.runs("m/get/by:map", [100]))
        self.assertEqual(outcome.missed, [])

    def test_at_most_turns_it_round(self):
        pair = (sample.runs("m/get/by:holdfast", [400], "bytes"),
                sample.runs("m/get/by:map", [500], "bytes"))
        limits = {"at_least": None, "metric": "bytes"}
        self.assertEqual(self.outcome(*pair, at_most=0.8, **limits).missed, [])
        self.assertEqual(len(self.outcome(*pair, at_most=0.7, **limits).missed), 1)

    def test_without_alternative_the_figure_itself_counts(self):
        outcome = self.outcome(sample.runs("m/get/by:holdfast", [7, 30, 9], "ms"), against="",
                               at_least=None, at_most=20, metric="ms")
        self.assertEqual(outcome.nearest.figure, compare.Figure(9, 7, 30, 3))
        self.assertEqual(outcome.missed, [])

    def test_contests_of_others_are_none_of_its_business(self):
        outcome = self.outcome(sample.runs("m/get/by:holdfast", [1]),
                               sample.runs("m/get/by:tree", [1]))
        self.assertEqual(outcome.comparisons, [])
        self.assertIsNone(outcome.nearest)

    def read(self, rows):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "targets.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(rows, file)
            return compare.read_targets(path)

    def test_rows_are_checked(self):
        row = {"section": "s", "row": "r", "contest": "c", "contestant": "holdfast"}
        with self.assertRaisesRegex(results.Failure, "'r' takes either at_least or at_most"):
            self.read([row])
        with self.assertRaisesRegex(results.Failure, "at_last"):
            self.read([{**row, "at_last": 1}])

    def test_own_targets_can_be_read(self):
        folder = os.path.dirname(os.path.abspath(compare.__file__))
        self.assertGreater(len(compare.read_targets(os.path.join(folder, "targets.json"))), 35)


if __name__ == "__main__":
    unittest.main()
