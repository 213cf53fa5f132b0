"""The whole report: tables between markers, plots that are XML, errors that say what is wrong."""

import contextlib
import io
import json
import os
import tempfile
import unittest
import xml.etree.ElementTree

import sample
import document
import growth_plot
import machine
import report
import tables

PARTS = ("machine", "targets", "plots", "contests", "growth", "costs")
TARGETS = [{"section": "In memory", "row": "get beside a map", "contest": "m/get/*",
            "contestant": "holdfast", "against": "map", "at_least": 0.9}]


class Report(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.results = os.path.join(folder.name, "results")
        self.docs = os.path.join(folder.name, "docs")
        self.targets = os.path.join(folder.name, "targets.json")
        os.mkdir(self.results)
        os.mkdir(self.docs)
        self.write("docs/performance.md", "# Before\n" + "\n".join(
            document.marker(part, "begin") + "\nold\n" + document.marker(part, "end")
            for part in PARTS) + "\n# After\n")
        self.write("targets.json", json.dumps(TARGETS))

    def write(self, path, text):
        full = os.path.join(os.path.dirname(self.docs), path)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)

    def report(self):
        """(exit status, what it said, the document)."""
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            status = report.main(["write", self.results, self.docs, self.targets])
        with open(os.path.join(self.docs, "performance.md"), encoding="utf-8") as file:
            return status, said.getvalue(), file.read()

    def test_tables_are_written_between_markers_and_the_rest_stays(self):
        sample.write_results(self.results, "a.json",
                             sample.runs("m/get/10/by:holdfast", [100, 120, 110]) +
                             sample.runs("m/get/10/by:map", [100, 100, 100]))
        self.write("results/machine.json",
                   '{"machine": {"cores": 2, "mode": "quick", "versions": {"SQLite": "3.40.1"}}}')
        status, said, text = self.report()
        self.assertEqual((status, said), (0, ""))
        self.assertTrue(text.startswith("# Before\n") and text.endswith("\n# After\n"))
        self.assertNotIn("\nold\n", text)
        self.assertIn("| get beside a map | ≥ 0.9 | 1.10 | 1.00 to 1.20 | `m/get/10` | reached |",
                      text)
        self.assertIn("commit abc123, 3 repetitions", text)
        self.assertIn("SQLite 3.40.1", text)
        self.assertIn("**A quick run**", text)
        self.assertIn("| 110 | 100 | 1.10 |", text)
        self.assertIn("![In memory](plots/ratios_in_memory.svg)", text)
        xml.etree.ElementTree.parse(os.path.join(self.docs, "plots/ratios_in_memory.svg"))

    def test_report_twice_is_the_same(self):
        sample.write_results(self.results, "a.json", sample.runs("m/get/10/by:holdfast", [1]) +
                             sample.runs("m/get/10/by:map", [3]))
        self.assertEqual(self.report(), self.report())

    def test_missed_target_is_said_plainly(self):
        sample.write_results(self.results, "a.json", sample.runs("m/get/10/by:holdfast", [50]) +
                             sample.runs("m/get/10/by:map", [100]))
        status, said, text = self.report()
        self.assertEqual(status, 0)
        self.assertEqual(said, "missed: m/get/10 by holdfast: 0.50 (get beside a map)\n")
        self.assertIn("`m/get/10` | **missed** |", text)

    def test_what_was_not_measured_says_so(self):
        sample.write_results(self.results, "a.json", sample.runs("cost/x/by:holdfast", [1], "s"))
        status, _, text = self.report()
        self.assertEqual(status, 0)
        self.assertIn("| get beside a map | ≥ 0.9 |  |  |  | not measured |", text)

    def test_failed_benchmark_fails_the_report_when_it_is_written(self):
        sample.write_results(self.results, "a.json", sample.runs("m/get/10/by:holdfast", [50]) +
                             sample.failed("m/get/10/by:map", "no | server"))
        status, said, text = self.report()
        self.assertEqual(status, 1)
        self.assertEqual(said, "error: m/get/10: map failed: no | server\n")
        self.assertIn("not measured; map failed: no \\| server", text)

    def test_contest_with_no_alternative_fails_the_report(self):
        sample.write_results(self.results, "a.json", sample.runs("m/get/10/by:holdfast", [50]))
        status, said, _ = self.report()
        self.assertEqual(status, 1)
        self.assertEqual(said, "error: m/get/10: there is nothing to compare holdfast with\n")

    def test_results_that_are_not_json_leave_the_document_alone(self):
        self.write("results/a.json", "not")
        status, said, text = self.report()
        self.assertEqual(status, 1)
        self.assertIn("error: a.json is not JSON", said)
        self.assertIn("\nold\n", text)

    def test_document_without_markers_is_named(self):
        sample.write_results(self.results, "a.json", sample.runs("cost/x/by:holdfast", [1], "s"))
        self.write("docs/performance.md", "# Nothing\n")
        status, said, _ = self.report()
        self.assertEqual(status, 1)
        self.assertIn("the document must have <!-- speed:machine:begin -->", said)

    def test_growth_is_drawn_and_tabled(self):
        rows = [{"store": "m", "operation": "get_cold", "entries": entries, "median_ns": median,
                 "p99_ns": 9000, "median_instructions": 700}
                for entries, median in ((100000, 2000), (1000, 1000))]
        rows.append({"store": "m", "operation": "bytes_per_entry", "entries": 1000, "value": 355})
        self.write("results/growth.json", json.dumps({"results": rows, "factors": []}))
        status, said, text = self.report()
        self.assertEqual((status, said), (0, ""))
        self.assertIn("| m: median, microseconds | 1,000 | 100,000 |", text)
        self.assertIn("| get cold | 1.00 | 2.00 |", text)
        self.assertIn("| bytes per entry | 355 |", text)
        xml.etree.ElementTree.parse(os.path.join(self.docs, "plots/growth_m.svg"))

    def test_growth_without_entries_is_shown(self):
        self.write("results/growth.json", '{"results": [{"store": "m", "median_ns": 1}]}')
        status, said, _ = self.report()
        self.assertEqual(status, 1)
        self.assertIn("a result of growth cannot be understood: {'store': 'm'", said)

    def test_plots_of_before_go(self):
        os.mkdir(os.path.join(self.docs, "plots"))
        for name in ("ratios_gone.svg", "by_hand.svg"):
            self.write("docs/plots/" + name, "<svg/>")
        sample.write_results(self.results, "a.json", sample.runs("cost/x/by:holdfast", [1], "s"))
        self.report()
        self.assertEqual(os.listdir(os.path.join(self.docs, "plots")), ["by_hand.svg"])

    def test_wrong_command_shows_the_usage(self):
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            self.assertEqual(report.main(["wirte", "a", "b"]), 2)
        self.assertIn("write RESULTS DOCS", said.getvalue())


class Parts(unittest.TestCase):
    def test_numbers_have_three_digits_that_count(self):
        self.assertEqual([tables.rounded(n) for n in (1234567, 355.4, 20.04, 0.012345, 0)],
                         ["1,230,000", "355", "20.0", "0.0123", "0"])

    def test_debian_s_additions_to_versions_go(self):
        self.assertEqual([machine.upstream_version(v) for v in
                          ("5:7.0.15-1~deb12u10", "3.40.1-2+deb12u1", "20220623.1-1+deb12u2",
                           "3.3.2+dfsg-1", "15.14-0+deb12u1")],
                         ["7.0.15", "3.40.1", "20220623.1", "3.3.2", "15.14"])

    def test_labels_of_curves_do_not_overlap_and_stay_above_the_axis(self):
        heights = growth_plot._label_heights([400, 10, 398, 399, 12], 400)
        self.assertEqual(heights, [400, 10, 368, 384, 26])

    def test_curve_of_one_point_can_be_drawn(self):
        text = growth_plot.draw("<one>", {"get & set": [(1000, 100.0)]})
        xml.etree.ElementTree.fromstring(text)


if __name__ == "__main__":
    unittest.main()
