"""What one file of dependencies has and another lacks is found."""

import unittest

import check_dependencies

LIST = """# purpose Debian vcpkg Conan
toolchain g++ - -
core libnlohmann nlohmann-json nlohmann_json
in_memory libabsl abseil abseil
"""
VCPKG = '{"dependencies": ["nlohmann-json"], "features": {"in-memory": {"dependencies": [%s]}}}'
CONAN = """class A:
    part_requirements = {"core": ["nlohmann_json/3.11.3"], "in_memory": ["abseil/2024"]}
"""


class Dependencies(unittest.TestCase):
    def test_lists_that_agree_have_no_difference(self):
        vcpkg = check_dependencies.in_vcpkg(VCPKG % '"abseil"')
        self.assertEqual(
            check_dependencies.differences(check_dependencies.listed(LIST, 1), vcpkg, "v"), [])
        conan = check_dependencies.in_conan(CONAN)
        self.assertEqual(
            check_dependencies.differences(check_dependencies.listed(LIST, 2), conan, "c"), [])

    def test_what_is_missing_and_what_is_too_much_is_named(self):
        vcpkg = check_dependencies.in_vcpkg(VCPKG % '"boost"')
        self.assertEqual(
            check_dependencies.differences(check_dependencies.listed(LIST, 1), vcpkg, "v"),
            ["v: in_memory lacks abseil", "v: in_memory has boost, which is not in the list"])


if __name__ == "__main__":
    unittest.main()
