"""Which part of the project a file belongs to, and whom that part may include."""

import os
import re

# Headers of the operating system, for any file that is not a public header.
_SYSTEM = re.compile(r"(?:sys|linux|arpa|netinet)/\w+\.h|(?:unistd|fcntl|pthread|signal|spawn|"
                     r"malloc|poll|dirent|termios|getopt|cxxabi|execinfo|dlfcn)\.h")

# What each backend stands on; nobody else includes these.
ENGINES = {
    "postgresql": re.compile(r"pqxx/|libpq-fe\.h"),
    "sqlite": re.compile(r"SQLiteCpp/|sqlite3\.h"),
}
ENGINE_NAMES = re.compile(r"\b(?:SQLite::|sqlite3\b|sqlite3_\w+|pqxx::|PG(?:conn|result)\b|"
                          r"spdlog::|absl::|icu::|U(?:Text|ErrorCode)\b|sb_stemmer\b)")

# Parts by where a file lies; the first that fits.
_PARTS = [
    (re.compile(r"include/"), "public core"),
    (re.compile(r"src/"), "core"),
    (re.compile(r"memory/support/(?!tests/)"), "support"),
    (re.compile(r"memory/migration/include/"), "public migration"),
    (re.compile(r"memory/migration/(?!tests/)"), "migration"),
    (re.compile(r"memory/search/include/"), "public search"),
    (re.compile(r"memory/search/(?!tests/)"), "search"),
    (re.compile(r"memory/(backends|layers)/(\w+)/tests/"), "own tests"),
    (re.compile(r"memory/(backends|layers)/(\w+)/include/"), "public {0} {1}"),
    (re.compile(r"memory/(backends|layers)/(\w+)/"), "{0} {1}"),
    (re.compile(r"memory/(?:support|migration|search)/tests/"), "own tests"),
    (re.compile(r"tests/conformance/include/"), "public conformance"),
    # Users of the suite: the project's own backends, and those with faults.
    (re.compile(r"tests/conformance/(?:stores|planted_faults)/"), "tests"),
    (re.compile(r"tests/conformance/"), "conformance"),
    (re.compile(r"tests/search_model/"), "conformance"),
    (re.compile(r"tests/(?:unit|faults/fuzz|faults/hostile)/"), "own tests"),
    (re.compile(r"tests/"), "tests"),
    (re.compile(r"tools/(\w+)/tests/"), "own tests"),
    (re.compile(r"tools/(\w+)/"), "tools {0}"),
    (re.compile(r"tools/"), "tools"),
    (re.compile(r"examples/(\w+)/"), "examples {0}"),
    (re.compile(r"bench/"), "bench"),
]


def part_of(path):
    for pattern, name in _PARTS:
        match = pattern.match(path)
        if match:
            return name.format(*match.groups())
    return "other"


def is_public_header(path):
    return part_of(path).startswith("public ") and path.endswith(".hpp")


def is_library(path):
    return path.startswith(("include/", "src/", "memory/")) and part_of(path) != "own tests"


def is_test(path):
    return path.startswith("tests/") or part_of(path) == "own tests"


def _backend(part):
    match = re.fullmatch(r"(?:public )?(backends|layers) (\w+)", part)
    return match.groups() if match else None


def may_include_part(part, target):
    """Whether a file of `part` may include a header of the part `target`."""
    if part == target or target == "public core":
        return True
    if part == "own tests":
        return True
    if part in ("public core", "core"):
        return target == "public core" and part == "core"
    if part == "support":
        return False
    if part in ("migration", "public migration"):
        return target == "public migration"
    if part in ("search", "public search"):
        return target == "public search"
    backend = _backend(part)
    if backend:
        own = target == "public {} {}".format(*backend)
        if backend[0] == "layers" and target == "public migration":
            return True
        shared = ("support", "search", "public search")
        return own or (backend[0] == "backends" and target in shared
                       and not part.startswith("public "))
    if part == "public conformance":
        return False
    # Tools, examples, benchmarks and tests: what a user could. Benchmarks start servers too.
    return target.startswith("public ") or (part in ("tests", "bench") and target == "tests")


def may_include_system(path, header):
    """Whether a file may include <header>, one that is not the project's."""
    part = part_of(path)
    if "/" not in header and "." not in header:
        return True  # The standard library.
    if header.startswith("nlohmann/"):
        return True
    if is_public_header(path):
        return part == "public conformance" and header.startswith(("gtest/", "gmock/"))
    if _SYSTEM.fullmatch(header):
        return True
    for name, engine in ENGINES.items():
        if engine.match(header):
            return part == f"backends {name}" or part in ("own tests", "tests", "bench")
    if part == "core":
        return False
    if part == "migration" and header == "xxhash.h":
        return True
    if part == "search" and header.startswith(("unicode/", "libstemmer.h")):
        return True
    if part in ("support", "migration", "search") or _backend(part):
        return header.startswith("spdlog/") and part == "support"
    return True


class Headers:
    """The project's headers, found as a compiler would."""

    def __init__(self, root, paths):
        self._root = root
        self._headers = {p for p in paths if p.endswith(".hpp")}
        self._roots = ["src", "memory", "tests/faults"] + sorted(
            {p[:p.index("include/") + len("include")] for p in self._headers if "include/" in p})

    def find(self, includer, target):
        """The path of the header, or None where it is not one of the project's."""
        folders = [os.path.dirname(includer)] if target[0] == '"' else []
        name = target[1:-1]
        for folder in folders + self._own_folders(includer) + self._roots:
            path = os.path.normpath(os.path.join(folder, name))
            if path in self._headers:
                return path
        return None

    @staticmethod
    def _own_folders(includer):
        """The folders above the includer, nearest first."""
        folders = []
        folder = os.path.dirname(includer)
        while folder:
            folders.append(folder)
            folder = os.path.dirname(folder)
        return folders
