#!/usr/bin/env python3
"""Runs a program of libFuzzer for a while, and fails with the input that it found.

What the fuzzer learns is kept beside the build (--found), so that the next run goes on from there.
"""

import argparse
import base64
import os
import re
import subprocess
import sys


def run(arguments):
    learnt = os.path.join(arguments.found, "learnt")
    broken = os.path.join(arguments.found, "broken-")
    os.makedirs(learnt, exist_ok=True)
    command = [arguments.program, learnt, arguments.corpus, f"-artifact_prefix={broken}",
               f"-max_total_time={arguments.seconds}", "-max_len=4096", "-timeout=25",
               "-rss_limit_mb=2048", "-print_final_stats=1", "-seed=1"]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                          encoding="utf-8", errors="replace")


def units_executed(output):
    """How many inputs were tried; libFuzzer says so at its end."""
    found = re.search(r"stat::number_of_executed_units:\s*(\d+)", output)
    return int(found.group(1)) if found else 0


def inputs_named(output):
    return re.findall(r"Test unit written to (\S+)", output)


def count_tries(promise, tries):
    """As support/tries.hpp."""
    path = os.environ.get("HOLDFAST_TRIES_FILE")
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"{tries}\t{promise}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("program", "corpus", "found", "promise"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--seconds", type=int, required=True)
    arguments = parser.parse_args()
    result = run(arguments)
    tries = units_executed(result.stdout)
    print("\n".join(result.stdout.splitlines()[-40:]))
    for path in inputs_named(result.stdout):
        with open(path, "rb") as file:
            print(f"{path}, in base64:\n{base64.b64encode(file.read()).decode()}")
    if result.returncode == 0 and tries == 0:
        print("it says that it tried nothing")
        return 1
    count_tries(arguments.promise, tries)
    return result.returncode


if __name__ == "__main__":
    sys.exit(main())
