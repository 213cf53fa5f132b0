"""Results are read as they were written, and bad ones are named."""

import os
import tempfile
import unittest

import sample
import results

GET = "in_memory/get/200B/by:holdfast/real_time/threads:2"


class Names(unittest.TestCase):
    def test_contestant_and_what_is_appended_leave_the_contest(self):
        self.assertEqual(results.split_name(GET), ("in_memory/get/200B/threads:2", "holdfast"))
        self.assertEqual(
            results.split_name("sqlite/set/by:c_api/iterations:500/repeats:3/real_time"),
            ("sqlite/set", "c_api"))
        self.assertEqual(results.split_name("a/min_time:0.300/by:b"), ("a", "b"))

    def test_name_without_contestant_has_none(self):
        self.assertEqual(results.split_name("value_parse/1000"), ("value_parse/1000", ""))


class Reading(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write_text(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def assert_fails(self, message):
        with self.assertRaises(results.Failure) as caught:
            sample.read(self.folder)
        self.assertIn(message, str(caught.exception))

    def test_repetitions_are_kept_and_aggregates_are_not(self):
        sample.write_results(self.folder, "a.json", sample.runs(GET, [3, 1, 2]))
        found = sample.read(self.folder)
        measurement = found.contests()["in_memory/get/200B/threads:2"]["holdfast"]
        self.assertEqual(measurement.values(results.THROUGHPUT), [3, 1, 2])
        self.assertEqual(measurement.values("real_time"), [])
        self.assertEqual(found.commits, {"abc123"})

    def test_counters_are_metrics(self):
        sample.write_results(self.folder, "a.json", sample.runs(GET, [355], "bytes_per_entry"))
        measurement = next(iter(sample.read(self.folder).measurements.values()))
        self.assertEqual(measurement.values("bytes_per_entry"), [355])

    def test_contests_are_in_the_order_of_their_numbers(self):
        benchmarks = sample.runs("get/100/by:a", [1]) + sample.runs("get/20/by:a", [1])
        sample.write_results(self.folder, "a.json", benchmarks)
        self.assertEqual(list(sample.read(self.folder).contests()), ["get/20", "get/100"])

    def test_benchmark_that_failed_says_why(self):
        sample.write_results(self.folder, "a.json", sample.failed(GET, "an entry is missing"))
        measurement = next(iter(sample.read(self.folder).measurements.values()))
        self.assertEqual(measurement.error, "an entry is missing")

    def test_benchmark_that_was_skipped_says_why(self):
        skipped = {"name": GET, "skipped": True, "skip_message": "no Redis"}
        sample.write_results(self.folder, "a.json", [skipped])
        measurement = next(iter(sample.read(self.folder).measurements.values()))
        self.assertEqual(measurement.error, "no Redis")

    def test_file_that_is_not_json_is_named(self):
        self.write_text("broken.json", '{"benchmarks": [')
        self.assert_fails("broken.json is not JSON")

    def test_file_of_something_else_is_named(self):
        self.write_text("other.json", '["benchmarks"]')
        self.assert_fails("other.json is no file of results")

    def test_benchmark_without_a_name_is_shown(self):
        sample.write_results(self.folder, "a.json", [{"items_per_second": 7}])
        self.assert_fails("a.json has a benchmark that cannot be understood: {'items_per_second'")

    def test_same_benchmark_in_two_files_is_refused(self):
        for name in ("a.json", "b.json"):
            sample.write_results(self.folder, name, sample.runs(GET, [1]))
        self.assert_fails("both in a.json and in b.json")

    def test_no_results_are_a_failure(self):
        self.assert_fails("there are no results in")
        self.folder = os.path.join(self.folder, "away")
        self.assert_fails("does not exist")

    def test_machine_is_read(self):
        self.write_text("machine.json", '{"machine": {"cores": 2}}')
        self.assertEqual(sample.read(self.folder).machine, {"cores": 2})


if __name__ == "__main__":
    unittest.main()
