"""The checks find what was planted, where it was planted, and nothing else."""

import os
import re
import tempfile
import unittest

import check_style
import cpp_text

PLANTED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "planted")


def expected_of(root):
    """(path, line, rule) of each line that ends with `// expect: rule`."""
    expected = set()
    for path in check_style.list_files(root):
        text = check_style.read_text(os.path.join(root, path))
        for number, line in enumerate(text.splitlines(), 1):
            match = re.search(r"// expect: ([\w-]+)$", line)
            if match:
                expected.add((path, number, match.group(1)))
    return expected


def rules_of(path, text):
    """The rules that a project of one file breaks."""
    with tempfile.TemporaryDirectory() as root:
        whole = os.path.join(root, path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "w", encoding="utf-8") as file:
            file.write(text)
        return [rule for _, _, rule, _ in check_style.check_tree(root)]


class PlantedViolations(unittest.TestCase):
    def test_each_is_found_where_it_is_and_nothing_else(self):
        found = {(path, line, rule) for path, line, rule, _ in check_style.check_tree(PLANTED)}
        expected = expected_of(PLANTED)
        self.assertGreater(len(expected), 20)
        self.assertEqual(found, expected)


class Sizes(unittest.TestCase):
    def test_a_function_may_have_70_lines(self):
        body = "  f();\n"
        self.assertEqual(rules_of("src/a.cpp", "void a() {\n" + body * 68 + "}\n"), [])
        self.assertEqual(rules_of("src/a.cpp", "void a() {\n" + body * 69 + "}\n"),
                         ["function-length"])

    def test_a_source_may_have_600_lines(self):
        self.assertEqual(rules_of("src/a.cpp", "int a;\n" * 600), [])
        self.assertEqual(rules_of("src/a.cpp", "int a;\n" * 601), ["file-length"])

    def test_a_public_header_may_have_250_lines(self):
        text = "#pragma once\n" + "int a;\n" * 249
        self.assertEqual(rules_of("include/holdfast/a.hpp", text), [])
        self.assertEqual(rules_of("include/holdfast/a.hpp", text + "\n"), ["file-length"])

    def test_a_line_may_have_100_columns(self):
        self.assertEqual(rules_of("src/a.cpp", "//" + "é" * 98 + "\n"), [])
        self.assertEqual(rules_of("src/a.cpp", "//" + "é" * 99 + "\n"), ["line-length"])
        self.assertEqual(rules_of("docs/a.md", "x" * 101 + "\n"), [])


class Words(unittest.TestCase):
    def test_work_left_over_is_found_in_any_text(self):
        self.assertEqual(rules_of("docs/a.md", "TO" + "DO: more\n"), ["unfinished"])
        self.assertEqual(rules_of("src/a.cpp", "// FIX" + "ME\n"), ["unfinished"])

    def test_vague_file_names_are_found(self):
        self.assertEqual(rules_of("src/string_utils.cpp", ""), ["vague-name"])
        self.assertEqual(rules_of("src/database.cpp", ""), [])


class QuotedFiles(unittest.TestCase):
    @staticmethod
    def rules_of_quote(code, quoted):
        with tempfile.TemporaryDirectory() as root:
            for path, text in (
                    ("a.py", code),
                    ("a.md", "<!-- This is a.py; a test compares the two. -->\n"
                             f"```py\n{quoted}```\n")):
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)
            return [rule for _, _, rule, _ in check_style.check_tree(root)]

    def test_code_in_a_document_is_the_file_it_says_it_is(self):
        self.assertEqual(self.rules_of_quote("f()\n", "f()\n"), [])
        self.assertEqual(self.rules_of_quote("f()\n", "g()\n"), ["quoted-file"])


class Functions(unittest.TestCase):
    @staticmethod
    def spans(text):
        return [(first, last) for first, last, _ in cpp_text.functions(text)]

    def test_braces_in_text_do_not_count(self):
        text = 'void a() {\n  f("}{{", \'{\', R"x({)x");  // {\n}\n'
        self.assertEqual(self.spans(text), [(1, 3)])

    def test_a_class_is_no_function_and_its_methods_are(self):
        self.assertEqual(self.spans("class A {\n  void b() {\n  }\n  int c{};\n};\n"), [(2, 3)])

    def test_member_initialisers_belong_to_the_constructor(self):
        self.assertEqual(self.spans("A::A()\n    : a_{1},\n      b_{2} {\n  f();\n}\nint c;\n"),
                         [(1, 5)])

    def test_lambdas_belong_to_their_function(self):
        self.assertEqual(self.spans("void a() {\n  g([] {\n    f();\n  });\n}\nvoid b() {}\n"),
                         [(1, 5), (6, 6)])

    def test_tests_and_templates_are_functions(self):
        self.assertEqual(self.spans("TEST(A, B) {\n}\ntemplate <class T>\nvoid c(T) {\n}\n"),
                         [(1, 2), (3, 5)])


class Exceptions(unittest.TestCase):
    violation = ("src/a.cpp", 1, "file-length", "")

    def test_an_exception_excuses_its_rule_in_its_file(self):
        left = check_style.without_exceptions(
            [self.violation], {("file-length", "src/a.cpp"): "one table"})
        self.assertEqual(left, [])

    def test_an_exception_that_excuses_nothing_is_a_violation(self):
        left = check_style.without_exceptions(
            [self.violation], {("file-length", "src/b.cpp"): "one table"})
        self.assertEqual([path for path, _, _, _ in left], ["src/a.cpp", "src/b.cpp"])


if __name__ == "__main__":
    unittest.main()
