"""Measures what Holdfast costs who builds with it: sizes, time of compilation, time to start.

Written in the form of Google Benchmark, so that the report reads one kind of file.
"""

import glob
import os
import re
import subprocess
import tempfile
import time

from results import Failure

_HEADERS = {"holdfast": "holdfast/holdfast.hpp", "holdfast_memory": "holdfast/memory.hpp",
            "nlohmann": "nlohmann/json.hpp"}
_WAYS = {"O2": ["-O2", "-c", "-o", os.devnull], "syntax_only": ["-fsyntax-only"]}


def _run(command, **options):
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True, **options)
    except OSError as error:
        raise Failure(f"{command[0]} cannot be run: {error.strerror}") from error
    except subprocess.CalledProcessError as error:
        raise Failure(f"{' '.join(command)} failed:\n{error.stderr}") from error


def _seconds(command):
    begin = time.perf_counter()
    _run(command)
    return time.perf_counter() - begin


def _result(name, contestant, repetition, **metrics):
    return {"name": f"{name}/by:{contestant}", "run_name": f"{name}/by:{contestant}",
            "run_type": "iteration", "repetition_index": repetition, **metrics}


def stripped_sizes(build):
    """The libraries that are installed, and the program, without what linking does not need."""
    libraries = [path for path in glob.glob(os.path.join(build, "**", "libholdfast_*.a"),
                                            recursive=True)
                 if re.match(r"(?:src|memory)/", os.path.relpath(path, build))]
    files = sorted(libraries, key=os.path.basename) + [os.path.join(build, "bin", "holdfast")]
    with tempfile.TemporaryDirectory() as folder:
        for path in files:
            copy = os.path.join(folder, os.path.basename(path))
            _run(["strip", "--strip-unneeded", "-o", copy, path])
            yield _result("cost/bytes/" + os.path.basename(path), "holdfast", 0,
                          bytes=os.path.getsize(copy))


def _compiler(build):
    with open(os.path.join(build, "CMakeCache.txt"), encoding="utf-8") as file:
        match = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", file.read(), re.MULTILINE)
    if not match:
        raise Failure(f"{build} has no compiler: is it configured?")
    return match.group(1)


def compile_times(project, build, repetitions):
    """A file that includes one header, called the compiler's own way, without a cache of it."""
    includes = ["-I" + os.path.join(project, "include")]
    for parts in ("memory/backends/*/include", "memory/*/include"):
        includes += ["-I" + path for path in sorted(glob.glob(os.path.join(project, parts)))]
    environment = [_compiler(build), "-std=c++20"] + includes
    with tempfile.TemporaryDirectory() as folder:
        sources = {}
        for contestant, header in _HEADERS.items():
            sources[contestant] = os.path.join(folder, contestant + ".cpp")
            with open(sources[contestant], "w", encoding="utf-8") as file:
                file.write(f"#include <{header}>\n")
            _run(environment + ["-fsyntax-only", sources[contestant]])  # The files are read once.
        for repetition in range(repetitions):
            for way, arguments in _WAYS.items():
                for contestant, source in sources.items():
                    yield _result(f"cost/compile/{way}", contestant, repetition,
                                  seconds=_seconds(environment + arguments + [source]))


def start_times(build, repetitions):
    """The program from its start to its end, where it has next to nothing to do."""
    program = os.path.join(build, "bin", "holdfast")
    with tempfile.TemporaryDirectory() as folder:
        store = ["--store", "sqlite:" + os.path.join(folder, "store.db")]
        _run([program, *store, "set", "agents/a", "name", '"Ada"'])
        commands = {"version": ["--version"], "help": ["--help"],
                    "get_sqlite": [*store, "get", "agents/a", "name"]}
        for repetition in range(repetitions):
            for name, arguments in commands.items():
                yield _result(f"cost/start/{name}", "holdfast", repetition,
                              milliseconds=1e3 * _seconds([program, *arguments]))


def measure(project, build, commit, quick):
    """The content of a file of results."""
    runs = list(stripped_sizes(build))
    runs += compile_times(project, build, 3 if quick else 7)
    runs += start_times(build, 20 if quick else 50)
    return {"context": {"commit": commit}, "benchmarks": runs}
