#!/usr/bin/env python3
"""Tests of check_instruction_counts.py, without valgrind."""

import contextlib
import io
import json
import os
import tempfile
import unittest

import check_instruction_counts as checked

STORED = {
    "reference": "GNU 12",
    "other_kinds_margin_percent": 50,
    "ratios": [{"of": "large", "to": "small", "at_most": 1.3}],
    "kinds": {"GNU 12": {"small": {"instructions": 100, "margin_percent": 5},
                         "large": {"instructions": 110, "margin_percent": 5}}},
}


def verdict(kind, measured):
    """(whether it is within the bounds, what was printed)."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        within = checked.check(STORED, kind, measured)
    return within, output.getvalue()


class CheckTest(unittest.TestCase):
    def test_within_the_margin_passes(self):
        self.assertTrue(verdict("GNU 12", {"small": 104, "large": 110})[0])

    def test_over_the_margin_fails_and_says_what_and_how_to_raise_the_bound(self):
        within, printed = verdict("GNU 12", {"small": 106, "large": 110})
        self.assertFalse(within)
        self.assertIn("small: 106 instructions an operation, at most 105 (stored: 100)", printed)
        self.assertIn("update_instruction_counts", printed)

    def test_another_kind_has_the_wider_margin_and_says_so(self):
        within, printed = verdict("GNU 14", {"small": 149, "large": 150})
        self.assertTrue(within)
        self.assertIn("no bounds for: GNU 14", printed)
        self.assertFalse(verdict("GNU 14", {"small": 151, "large": 150})[0])

    def test_a_ratio_over_its_bound_fails(self):
        self.assertFalse(verdict("GNU 14", {"small": 100, "large": 140})[0])

    def test_a_scenario_without_a_bound_fails(self):
        self.assertFalse(verdict("GNU 12", {"small": 100, "large": 110, "new": 1})[0])

    def test_a_bound_without_a_scenario_fails(self):
        lines, failures = checked.compare({"small": 100}, STORED["kinds"]["GNU 12"])
        self.assertEqual(len(lines), 1)
        self.assertEqual(failures, ["large: a bound is stored, but there is no such scenario"])


class UpdateTest(unittest.TestCase):
    def test_the_margin_grows_with_the_spread(self):
        self.assertEqual(checked.bound_of([99, 100, 102]),
                         {"instructions": 100, "margin_percent": 8})

    def test_update_replaces_the_bounds_of_its_kind_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "bounds.json")
            stored = json.loads(json.dumps(STORED))
            checked.update(path, stored, "GNU 14", {"small": [7, 7, 7]})
            with open(path, encoding="utf-8") as file:
                written = json.load(file)
        self.assertEqual(written["kinds"]["GNU 12"], STORED["kinds"]["GNU 12"])
        self.assertEqual(written["kinds"]["GNU 14"],
                         {"small": {"instructions": 7, "margin_percent": 5}})


class CountedTest(unittest.TestCase):
    def test_reads_the_total(self):
        self.assertEqual(checked.counted("events: Ir\nsummary: 0\n\ntotals: 123\n"), 123)

    def test_refuses_a_run_that_counted_nothing(self):
        for text in ("totals: 0\n", ""):
            with self.assertRaises(RuntimeError):
                checked.counted(text)


if __name__ == "__main__":
    unittest.main()
