"""The example as a user runs it, on a server that answers rightly and on ones that do not.

test_embeddings.py PROGRAM CONVERSATION
"""

import os
import re
import socket
import subprocess
import sys
import unittest

from embeddings_server import DIMENSIONS, EmbeddingsServer

KEY = "sk-secret-of-the-test"
QUESTION = "When does Mila have her teeth looked at?"
PROGRAM, CONVERSATION = sys.argv[1:3]


def run(url, *arguments, model="hashing", key=KEY):
    """The exit code, and what was printed on both streams."""
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("EMBEDDINGS_") and not name.lower().endswith("_proxy")}
    for name, value in (("URL", url), ("MODEL", model), ("API_KEY", key)):
        if value is not None:
            environment["EMBEDDINGS_" + name] = value
    done = subprocess.run([PROGRAM, *(arguments or (CONVERSATION, QUESTION))], env=environment,
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


class Embeddings(unittest.TestCase):
    def setUp(self):
        self.server = EmbeddingsServer()
        self.server.start()
        self.addCleanup(self.server.stop)

    def error_at(self, fault):
        """What the program says, without its key, where the server has a fault."""
        code, out, error = run(self.server.url(fault))
        self.assertEqual(code, 1, error)
        self.assertNotIn(KEY, out + error)
        return error

    def test_a_question_is_answered_by_words_and_by_meaning(self):
        code, out, error = run(self.server.url())
        self.assertEqual((code, error), (0, ""))
        self.assertRegex(out, rf"^319 messages; \d+ vectors made by hashing, {DIMENSIONS} dim")
        hits = re.findall(r"^(0\.\d{6}) +(\d+|-) +(\d+|-)  (?:user|assistant): ", out, re.MULTILINE)
        self.assertEqual(len(hits), 5, out)
        for score, words, vectors in hits:
            expected = sum(1 / (60 + int(rank)) for rank in (words, vectors) if rank != "-")
            self.assertAlmostEqual(float(score), expected, delta=1e-6)
        self.assertEqual(hits, sorted(hits, key=lambda hit: hit[0], reverse=True))

    def test_what_has_none_of_the_words_is_found_by_its_meaning(self):
        code, out, _ = run(self.server.url(), CONVERSATION, "teeth")
        self.assertEqual(code, 0)
        best = re.search(r"^0\.016393      -        1  \w+: (.*)$", out, re.MULTILINE)
        self.assertIsNotNone(best, out)
        self.assertIn("dentist", best[1].lower())

    def test_requests_are_those_of_the_interface(self):
        self.assertEqual(run(self.server.url() + "/")[0], 0)
        for path, authorization, request in self.server.requests:
            self.assertEqual((path, authorization), ("/v1/embeddings", "Bearer " + KEY))
            self.assertEqual((set(request), request["model"]), ({"model", "input"}, "hashing"))
            self.assertLessEqual(len(request["input"]), 64)
        self.assertEqual(self.server.requests[-1][2]["input"], [QUESTION])

    def test_no_key_is_sent_where_none_is_given(self):
        self.assertEqual(run(self.server.url(), key=None)[0], 0)
        self.assertEqual({key for _, key, _ in self.server.requests}, {""})

    def test_what_has_to_be_set_is_said(self):
        for url, model in ((None, "hashing"), (self.server.url(), None), ("", "")):
            code, _, error = run(url, model=model)
            self.assertEqual(code, 2)
            self.assertIn("set EMBEDDINGS_URL and EMBEDDINGS_MODEL", error)
        self.assertEqual(run(self.server.url(), CONVERSATION)[0], 2)

    def test_refusals_are_told_with_status_and_message(self):
        for fault, status, message in (
                ("unauthorized", "PermissionDenied", "HTTP status 401: wrong key: ***"),
                ("busy", "Unavailable", "HTTP status 503: <html>over loaded</html>"),
                ("unknown_model", "InvalidArgument", "HTTP status 404: no such model"),
                ("elsewhere", "InvalidArgument", "HTTP status 404: no such path")):
            error = self.error_at(fault)
            self.assertIn(status, error)
            self.assertIn(message, error)

    def test_wrong_answers_are_told_with_what_is_wrong(self):
        for fault, problem in (
                ("garbage", "no JSON: <html>your key was ***</html>"),
                ("no_list", 'it has no list "data"'),
                ("too_few", "0 vectors of 1 texts"),
                ("without_index", 'a vector without an "index"'),
                ("same_index", 'the "index" 0 of a vector is that of another'),
                ("words", "the embedding of text 0 is no list of numbers"),
                ("other_lengths", f"a vector of {DIMENSIONS + 1} dimensions; the others have")):
            self.assertIn("the embeddings server gave a wrong answer: " + problem,
                          self.error_at(fault))

    def test_no_server_is_told(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))  # Bound and not listening: connections are refused.
            code, _, error = run(f"http://127.0.0.1:{unused.getsockname()[1]}/v1")
        self.assertEqual(code, 1)
        self.assertIn("Unavailable", error)
        self.assertIn("cannot reach the embeddings server: ", error)
        self.assertNotIn(KEY, error)

    def test_other_schemes_are_refused(self):
        code, _, error = run("file:///etc/passwd?")
        self.assertEqual(code, 1)
        self.assertIn("InvalidArgument", error)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
