"""Files of results as Google Benchmark writes them, made for tests."""

import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import results  # noqa: E402  The folder above is on the path from here on.


def runs(name, numbers, metric=results.THROUGHPUT):
    """One repetition for each number, and the aggregate that Google Benchmark appends."""
    made = [{"name": name, "run_name": name, "run_type": "iteration", "repetitions": len(numbers),
             "repetition_index": index, "threads": 1, "iterations": 10, "real_time": 1.0,
             "cpu_time": 1.0, "time_unit": "ns", metric: number}
            for index, number in enumerate(numbers)]
    made.append({"name": name + "_median", "run_name": name, "run_type": "aggregate",
                 "aggregate_name": "median", "real_time": 1.0, metric: 1e12})
    return made


def failed(name, message):
    return [{"name": name, "run_name": name, "run_type": "iteration", "repetition_index": 0,
             "error_occurred": True, "error_message": message, "real_time": 0.0}]


def write_results(folder, name, benchmarks, commit="abc123"):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        json.dump({"context": {"commit": commit}, "benchmarks": benchmarks}, file)


def read(folder):
    return results.read_folder(folder)
