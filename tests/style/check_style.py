#!/usr/bin/env python3
"""Checks the rules of docs/architecture.md and CONTRIBUTING.md that a program can check.

check_style.py ROOT [EXCEPTIONS]

Prints `path:line: rule: what is wrong` for each violation, and fails where there is one. A line of
the file of exceptions is `rule path reason`; one that excuses nothing is a violation itself.
"""

import os
import re
import sys

import cpp_text
import layout

MAX_COLUMNS = 100
MAX_FUNCTION_LINES = 70
MAX_SOURCE_LINES = 600
MAX_PUBLIC_HEADER_LINES = 250

_CODE = (".cpp", ".hpp", ".cmake", ".py", ".sh", ".in", "CMakeLists.txt")
_SKIPPED_FOLDERS = {"build", "planted", "__pycache__"}

_SLEEPS = re.compile(r"\b(?:sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(")
_PRINTS = re.compile(r"\bstd::(?:cout|cerr|clog)\b|\b(?:std::)?(?:printf|puts|fprintf)\s*\(")
_TEXT_TABLE = re.compile(r"\bstd::unordered_(?P<kind>set|map)<\s*"
                         r"(?:std::string(?:_view)?|Address(?:View)?)\b(?P<rest>[^;(]*)")
_KNOWN_HASHER = re.compile(r"\boperator\(\)\([^)]*\)[^{};]*\{[^}]*\bstd::hash\b")
_SKIPS = re.compile(r"\bGTEST_SKIP\b|\bDISABLED_\w*")
_SWALLOWS = re.compile(r"\bcatch\s*\([^)]*\)\s*\{\s*\}")
_LATER = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")
_VAGUE = re.compile(r"\b(?:class|struct)\s+(\w*(?:Manager|Helper|Utils?|Data))\b")
_QUOTED_FILE = re.compile(r"<!-- This is (\S+); a test compares the two. -->\n```\w*\n(.*?)```\n",
                          re.DOTALL)
_VAGUE_FILE = re.compile(r"(?:^|_)(?:manager|helpers?|utils?|data)(?:_|\.)")


def list_files(root):
    """Paths of the project's files below root, with '/' between folders, sorted."""
    paths = []
    for folder, folders, files in os.walk(root):
        folders[:] = [f for f in folders if f not in _SKIPPED_FOLDERS and not f.startswith(".")]
        paths += [os.path.relpath(os.path.join(folder, f), root).replace(os.sep, "/")
                  for f in files]
    return sorted(paths)


def _matches(pattern, code):
    return [(cpp_text.line_of(code, m.start()), m) for m in pattern.finditer(code)]


def check_includes(path, source, headers):
    part = layout.part_of(path)
    for line, target in cpp_text.includes(source):
        header = headers.find(path, target)
        if header is None and target[0] == '"':
            yield line, "include", f"{target} is no header of the project"
        elif header is None and not layout.may_include_system(path, target[1:-1]):
            yield line, "include", f"{part} may not include {target}"
        elif header and not layout.may_include_part(part, layout.part_of(header)):
            yield line, "include", f"{part} may not include {layout.part_of(header)} ({header})"


def check_sizes(path, source):
    lines = source.count("\n")
    most = MAX_PUBLIC_HEADER_LINES if layout.is_public_header(path) else MAX_SOURCE_LINES
    if lines > most:
        yield lines, "file-length", f"{lines} lines, at most {most}"
    for first, last, head in cpp_text.functions(source):
        length = last - first + 1
        if length > MAX_FUNCTION_LINES:
            yield first, "function-length", f"{length} lines, at most {MAX_FUNCTION_LINES}: {head}"


def _arguments(rest):
    """How many arguments a template has, from what follows its first one."""
    depth, number = 1, 1
    for character in rest:
        depth += (character == "<") - (character == ">")
        number += character == "," and depth == 1
        if depth == 0:
            break
    return number


def check_hashes(code):
    """Tables of texts that others choose, under a hash that they know too."""
    message = "crafted texts collide under a hash without a key: a sorted table, or one of its own"
    for line, match in _matches(_TEXT_TABLE, code):
        if _arguments(match.group("rest")) < (2 if match.group("kind") == "set" else 3):
            yield line, "known-hash", message
    for line, _ in _matches(_KNOWN_HASHER, code):
        yield line, "known-hash", message


def check_cpp(path, source, headers):
    """Yields (line, rule, message) for a C++ file."""
    code = cpp_text.without_text(source)
    yield from check_includes(path, source, headers)
    yield from check_sizes(path, source)
    if path.endswith(".hpp") and not re.search(r"^#pragma once$", source, re.MULTILINE):
        yield 1, "pragma-once", "a header begins with #pragma once"
    if layout.is_public_header(path):
        for line, match in _matches(layout.ENGINE_NAMES, cpp_text.without_directives(code)):
            yield line, "engine-type", f"{match.group(0)} in a public header"
    if layout.is_library(path):
        for line, match in _matches(_PRINTS, code):
            yield line, "print", f"the library prints nothing: {match.group(0)}"
        yield from check_hashes(code)
    if layout.is_test(path):
        for line, match in _matches(_SLEEPS, code):
            yield line, "sleep", "tests move a clock or wait on a latch, they never sleep"
        for line, match in _matches(_SKIPS, code):
            yield line, "skipped-test", f"{match.group(0)}: a test runs or is not there"
    for line, match in _matches(_SWALLOWS, code):
        if "//" not in source[match.start():match.end()]:
            yield line, "swallowed", "an empty catch that does not say why hides an error"
    for line, match in _matches(_VAGUE, code):
        yield line, "vague-name", f"{match.group(1)} says nothing of what it is"


def check_text(path, source):
    """Yields (line, rule, message) for any file of text."""
    for line, _ in _matches(_LATER, source):
        yield line, "unfinished", "work that is left is written down elsewhere"
    if path.endswith(_CODE):
        for number, text in enumerate(source.splitlines(), 1):
            if len(text) > MAX_COLUMNS:
                yield number, "line-length", f"{len(text)} columns, at most {MAX_COLUMNS}"
    if _VAGUE_FILE.search(os.path.basename(path)):
        yield 1, "vague-name", "the file's name says nothing of what is in it"


def check_quotes(source, root):
    """Yields (line, rule, message) for code in a document that is not the file it says it is."""
    for line, match in _matches(_QUOTED_FILE, source):
        quoted = os.path.join(root, match.group(1))
        if not os.path.exists(quoted) or read_text(quoted) != match.group(2):
            yield line, "quoted-file", f"the code differs from {match.group(1)}"


def check_file(root, path, source, headers):
    yield from check_text(path, source)
    if path.endswith(".md"):
        yield from check_quotes(source, root)
    if path.endswith((".cpp", ".hpp")):
        yield from check_cpp(path, source, headers)


def read_text(path):
    """The file's text, or None where it is not text."""
    with open(path, "rb") as file:
        try:
            return file.read().decode("utf-8")
        except UnicodeDecodeError:
            return None


def check_tree(root):
    """A list of (path, line, rule, message)."""
    paths = list_files(root)
    headers = layout.Headers(root, paths)
    found = []
    for path in paths:
        source = read_text(os.path.join(root, path))
        if source is not None:
            found += [(path, *violation) for violation in check_file(root, path, source, headers)]
    return found


def read_exceptions(path):
    """A dict from (rule, path) to the reason."""
    exceptions = {}
    for line in read_text(path).splitlines():
        if line.strip() and not line.startswith("#"):
            rule, excused, reason = line.split(maxsplit=2)
            exceptions[rule, excused] = reason
    return exceptions


def without_exceptions(violations, exceptions):
    used = {(rule, path) for path, _, rule, _ in violations}
    left = [v for v in violations if (v[2], v[0]) not in exceptions]
    left += [(path, 0, rule, "an exception that excuses nothing")
             for rule, path in exceptions if (rule, path) not in used]
    return left


def main(arguments):
    root = arguments[0]
    violations = check_tree(root)
    if len(arguments) > 1:
        violations = without_exceptions(violations, read_exceptions(arguments[1]))
    for path, line, rule, message in violations:
        print(f"{path}:{line}: {rule}: {message}")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
