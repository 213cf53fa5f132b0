#!/usr/bin/env python3
"""Compares the instructions that calls take, counted by callgrind, with stored bounds.

check_instruction_counts.py --program PROGRAM --kind KIND --bounds FILE [--valgrind VALGRIND]
                            [--update]

A scenario of PROGRAM (instruction_counts.cpp) is fixed work on fixed data. What it executes counts,
wherever it lies: in Holdfast, in the allocator, in SQLite, in the standard library. The hash of the
in-memory store is keyed at random and addresses differ, so that counts differ a little from run to
run: a bound is the median of some runs and a margin of 5 % and the spread of those runs.

KIND says what the program was built with. Where FILE has no bounds for it, those of its `reference`
are taken with the wider margin `other_kinds_margin_percent`, and the output says so.

With --update what is measured now is stored, as the bounds of KIND.
"""

import argparse
import concurrent.futures
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile

LEAST_MARGIN_PERCENT = 5
RUNS_OF_UPDATE = 7


def run_text(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed ({done.returncode}):\n"
                           f"{done.stdout}{done.stderr}")
    return done.stdout


def counted(text):
    """The instructions in a file of callgrind's."""
    match = re.search(r"^totals: (\d+)$", text, re.MULTILINE)
    if not match or int(match.group(1)) == 0:
        raise RuntimeError("callgrind counted nothing")
    return int(match.group(1))


def scenarios(program):
    """A dict from the names of the program's scenarios to their numbers of operations."""
    lines = run_text([program, "--list"]).splitlines()
    return {name: int(operations) for name, operations in (line.split() for line in lines)}


def measure(program, valgrind, name):
    """The instructions of one run of a scenario."""
    with tempfile.TemporaryDirectory() as folder:
        files = os.path.join(folder, "files")
        os.mkdir(files)
        out = os.path.join(folder, "callgrind.out")
        run_text([valgrind, "--quiet", "--tool=callgrind", "--instr-atstart=no",
                  f"--callgrind-out-file={out}", program, name, files])
        with open(out, encoding="utf-8") as file:
            return counted(file.read())


def measure_all(program, valgrind, runs):
    """A dict from scenario to the instructions per operation of each of its runs."""
    operations = scenarios(program)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        pending = {name: [pool.submit(measure, program, valgrind, name) for _ in range(runs)]
                   for name in operations}
        return {name: [run.result() / operations[name] for run in of_scenario]
                for name, of_scenario in pending.items()}


def bound_of(measured):
    """What is stored for a scenario, from the instructions per operation of several runs."""
    median = statistics.median(measured)
    spread = 100 * (max(measured) - min(measured)) / median
    return {"instructions": round(median),
            "margin_percent": LEAST_MARGIN_PERCENT + math.ceil(spread)}


def bounds_for(stored, kind):
    """(bounds, margin or None for that of each scenario, what to tell)."""
    if kind in stored["kinds"]:
        return stored["kinds"][kind], None, f"Bounds of: {kind}"
    margin = stored["other_kinds_margin_percent"]
    return stored["kinds"][stored["reference"]], margin, (
        f"There are no bounds for: {kind}\nTaken instead, with a margin of {margin} %: those of "
        f"{stored['reference']}")


def compare(measured, bounds, margin=None):
    """(lines of a table, failures) for a dict from scenario to instructions per operation."""
    lines, failures = [], []
    for name, instructions in measured.items():
        if name not in bounds:
            failures.append(f"{name}: no bound is stored")
            continue
        stored = bounds[name]["instructions"]
        most = stored * (1 + (margin or bounds[name]["margin_percent"]) / 100)
        lines.append(f"{name:36} {instructions:10.0f} {stored:10} {most:10.0f} "
                     f"{100 * (instructions / stored - 1):+7.1f} %")
        if instructions > most:
            failures.append(f"{name}: {instructions:.0f} instructions an operation, at most "
                            f"{most:.0f} (stored: {stored})")
    failures += [f"{name}: a bound is stored, but there is no such scenario"
                 for name in bounds if name not in measured]
    return lines, failures


def compare_ratios(measured, ratios):
    """The same for ratios, which hold for every kind."""
    lines, failures = [], []
    for ratio in ratios:
        value = measured[ratio["of"]] / measured[ratio["to"]]
        line = f"{ratio['of']} / {ratio['to']}: {value:.2f}, at most {ratio['at_most']}"
        lines.append(line)
        if value > ratio["at_most"]:
            failures.append(line)
    return lines, failures


def update(path, stored, kind, measured):
    stored["kinds"][kind] = {name: bound_of(runs) for name, runs in measured.items()}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(stored, file, indent=2)
        file.write("\n")


def check(stored, kind, measured):
    """Prints what was measured; whether all of it is within the bounds."""
    bounds, margin, told = bounds_for(stored, kind)
    lines, failures = compare(measured, bounds, margin)
    ratio_lines, ratio_failures = compare_ratios(measured, stored["ratios"])
    print(told)
    print(f"{'instructions an operation':36} {'measured':>10} {'stored':>10} {'at most':>10}")
    print("\n".join(lines + ratio_lines))
    failures += ratio_failures
    if failures:
        print("\nNot within the bounds:\n  " + "\n  ".join(failures) +
              "\nWhere that is meant to be: `cmake --build build/checked --target "
              "update_instruction_counts` stores what is measured now;\nsay in the commit why.")
    return not failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--kind", required=True)
    parser.add_argument("--bounds", required=True)
    parser.add_argument("--valgrind", default="valgrind")
    parser.add_argument("--update", action="store_true")
    arguments = parser.parse_args()
    with open(arguments.bounds, encoding="utf-8") as file:
        stored = json.load(file)
    runs = RUNS_OF_UPDATE if arguments.update else 1
    measured = measure_all(arguments.program, arguments.valgrind, runs)
    if arguments.update:
        update(arguments.bounds, stored, arguments.kind, measured)
    medians = {name: statistics.median(runs) for name, runs in measured.items()}
    return 0 if check(stored, arguments.kind, medians) else 1


if __name__ == "__main__":
    sys.exit(main())
