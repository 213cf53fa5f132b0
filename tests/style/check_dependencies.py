#!/usr/bin/env python3
"""Checks that vcpkg.json and conanfile.py need what scripts/lib/dependencies.txt lists.

check_dependencies.py ROOT

Prints each difference, and fails where there is one.
"""

import ast
import json
import os
import sys

_CONAN_TABLE = "part_requirements"


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


def listed(text, column):
    """A dict from purpose to the set of names in that column of the list, 0 being Debian's."""
    names = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            purpose, *row = line.split()
            if row[column] != "-":
                names.setdefault(purpose, set()).add(row[column])
    return names


def in_vcpkg(text):
    """The same from vcpkg.json."""
    manifest = json.loads(text)
    names = {"core": set(manifest["dependencies"])}
    for feature, content in manifest["features"].items():
        names[feature.replace("-", "_")] = set(content["dependencies"])
    return names


def in_conan(text):
    """The same from the table `part_requirements` of conanfile.py."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == _CONAN_TABLE:
            return {part: {reference.split("/")[0] for reference in references}
                    for part, references in ast.literal_eval(node.value).items()}
    raise ValueError("conanfile.py has no table " + _CONAN_TABLE)


def differences(expected, actual, where):
    found = []
    for purpose in sorted(expected.keys() | actual.keys()):
        for name in sorted(expected.get(purpose, set()) - actual.get(purpose, set())):
            found.append(f"{where}: {purpose} lacks {name}")
        for name in sorted(actual.get(purpose, set()) - expected.get(purpose, set())):
            found.append(f"{where}: {purpose} has {name}, which is not in the list")
    return found


def check(root):
    dependencies = read(root, "scripts/lib/dependencies.txt")
    return (differences(listed(dependencies, 1), in_vcpkg(read(root, "vcpkg.json")), "vcpkg.json")
            + differences(listed(dependencies, 2), in_conan(read(root, "conanfile.py")),
                          "conanfile.py"))


def main(arguments):
    found = check(arguments[0])
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
