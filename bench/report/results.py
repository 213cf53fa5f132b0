"""Reads what the benchmarks wrote: JSON in the form of Google Benchmark."""

import dataclasses
import json
import os
import re

THROUGHPUT = "items_per_second"

# What Google Benchmark says of every run; any other number is a counter of the benchmark's own.
_OF_EVERY_RUN = {"family_index", "per_family_instance_index", "repetitions", "repetition_index",
                 "threads", "iterations", "real_time", "cpu_time", "bytes_per_second"}
# What Google Benchmark appends to names and is the same for all contestants.
_APPENDED = re.compile(r"real_time|process_time|manual_time|"
                       r"(?:iterations|repeats|min_time|min_warmup_time):[^/]*")
_CONTESTANT = "by:"

# Of Google Benchmark, of the program `growth`, and of `report.py machine`.
_KINDS = ("benchmarks", "results", "machine")


class Failure(Exception):
    """What is wrong, in a sentence for whoever started the report."""


@dataclasses.dataclass
class Measurement:
    """What one contestant did in one contest."""
    contest: str
    contestant: str  # "" where the name says none.
    file: str
    metrics: dict = dataclasses.field(default_factory=dict)  # Metric to {repetition: number}.
    error: str = ""

    def values(self, metric):
        """The numbers of the repetitions, in their order; empty where it was not measured."""
        by_repetition = self.metrics.get(metric, {})
        return [by_repetition[repetition] for repetition in sorted(by_repetition)]


@dataclasses.dataclass
class Results:
    measurements: dict = dataclasses.field(default_factory=dict)  # By (contest, contestant).
    machine: dict = dataclasses.field(default_factory=dict)
    growth: list = dataclasses.field(default_factory=list)  # Rows of the program `growth`.
    commits: set = dataclasses.field(default_factory=set)
    files: list = dataclasses.field(default_factory=list)

    def contests(self):
        """A dict from contest to {contestant: Measurement}, by name: runs are in random order."""
        contests = {}
        in_order = sorted(self.measurements.values(),
                          key=lambda m: (_natural(m.contest), m.contestant))
        for measurement in in_order:
            contests.setdefault(measurement.contest, {})[measurement.contestant] = measurement
        return contests


def _natural(name):
    """Sorts 9 before 10."""
    return [(int(part), "") if part.isdigit() else (-1, part)
            for part in re.split(r"(\d+)", name)]


def split_name(name):
    """(contest, contestant) of a benchmark's name."""
    contest = []
    contestant = ""
    for part in name.split("/"):
        if part.startswith(_CONTESTANT):
            contestant = part[len(_CONTESTANT):]
        elif not _APPENDED.fullmatch(part):
            contest.append(part)
    return "/".join(contest), contestant


def _read_json(path):
    name = os.path.basename(path)
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
    except (ValueError, UnicodeDecodeError) as error:
        raise Failure(f"{name} is not JSON: {error}") from error
    except OSError as error:
        raise Failure(f"{name} cannot be read: {error.strerror}") from error
    if not isinstance(content, dict) or not any(kind in content for kind in _KINDS):
        raise Failure(f"{name} is no file of results: it has none of {', '.join(_KINDS)}")
    return content


def _add_run(results, run, file):
    if run.get("run_type", "iteration") != "iteration":
        return  # Aggregates are made anew from the repetitions.
    contest, contestant = split_name(run.get("run_name") or run["name"])
    measurement = results.measurements.setdefault(
        (contest, contestant), Measurement(contest, contestant, file))
    if measurement.file != file:
        raise Failure(f"{contest} by {contestant} is both in {measurement.file} and in {file}")
    if run.get("error_occurred") or run.get("skipped"):
        measurement.error = run.get("error_message") or run.get("skip_message") or "failed"
        return
    for metric, number in run.items():
        if metric not in _OF_EVERY_RUN and isinstance(number, (int, float)) \
                and not isinstance(number, bool):
            repetitions = measurement.metrics.setdefault(metric, {})
            repetitions[run.get("repetition_index", 0)] = float(number)


def add_file(results, path):
    content = _read_json(path)
    name = os.path.basename(path)
    results.files.append(name)
    if "machine" in content:
        results.machine = content["machine"]
        return
    if "results" in content:
        results.growth += content["results"]
        return
    commit = content.get("context", {}).get("commit")
    if commit:
        results.commits.add(commit)
    for run in content["benchmarks"]:
        try:
            _add_run(results, run, name)
        except (KeyError, AttributeError, TypeError) as error:
            raise Failure(f"{name} has a benchmark that cannot be understood: {run}") from error


def read_folder(folder):
    """The Results of all *.json in the folder."""
    if not os.path.isdir(folder):
        raise Failure(f"there are no results: {folder} does not exist")
    names = sorted(name for name in os.listdir(folder) if name.endswith(".json"))
    if not names:
        raise Failure(f"there are no results in {folder}")
    results = Results()
    for name in names:
        add_file(results, os.path.join(folder, name))
    return results
