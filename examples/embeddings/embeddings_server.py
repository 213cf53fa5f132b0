#!/usr/bin/env python3
"""A server with OpenAI's interface for embeddings, without a model: for tests and for trying out.

embeddings_server.py

Prints its URL, with a port that was free, and serves until it is stopped. Texts that share words
have vectors near each other, and a few words mean the same. What comes before `/embeddings` in the
path can be a fault, as FAULTS says: `/v1/embeddings` answers rightly.
"""

import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DIMENSIONS = 1000
# What hashing cannot know.
SAME = {"tooth": "dentist", "teeth": "dentist", "radiators": "heating", "rail": "train"}


def embedding(text):
    """Each word adds 1 or -1 at a place that its hash says."""
    vector = [0] * DIMENSIONS
    for word in re.findall(r"\w+", text.lower()):
        digest = hashlib.sha256(SAME.get(word, word).encode()).digest()
        vector[int.from_bytes(digest[:4], "big") % DIMENSIONS] += 1 if digest[4] % 2 else -1
    return vector if any(vector) else [1] + vector[1:]


def answer(texts):
    """The last text first: the index says whose a vector is, not the place."""
    data = [{"object": "embedding", "index": index, "embedding": embedding(text)}
            for index, text in enumerate(texts)]
    return {"object": "list", "data": data[::-1]}


def without_last(texts):
    return {"data": answer(texts)["data"][:-1]}


def without_index(texts):
    return {"data": [{"embedding": embedding(text)} for text in texts]}


def of_same_index(texts):
    return {"data": [{"index": 0, "embedding": embedding(text)} for text in texts]}


def with_words(texts):
    return {"data": [{"index": i, "embedding": ["a", "b"]} for i, _ in enumerate(texts)]}


def of_other_lengths(texts):
    """The first request is for one text; later ones get longer vectors."""
    more = [] if len(texts) == 1 else [1]
    return {"data": [{"index": i, "embedding": embedding(t) + more} for i, t in enumerate(texts)]}


# By the first part of the path: what is answered to texts and the value of Authorization.
FAULTS = {
    "v1": lambda texts, key: (200, json.dumps(answer(texts))),
    "unauthorized": lambda texts, key: (
        401, json.dumps({"error": {"message": f"wrong key: {key}", "type": "auth"}})),
    "busy": lambda texts, key: (503, "<html>over\nloaded</html>"),
    "unknown_model": lambda texts, key: (404, json.dumps({"error": "no such model"})),
    "garbage": lambda texts, key: (200, f"<html>your key was {key}</html>"),
    "no_list": lambda texts, key: (200, json.dumps({"data": {"embedding": []}})),
    "too_few": lambda texts, key: (200, json.dumps(without_last(texts))),
    "without_index": lambda texts, key: (200, json.dumps(without_index(texts))),
    "same_index": lambda texts, key: (200, json.dumps(of_same_index(texts))),
    "words": lambda texts, key: (200, json.dumps(with_words(texts))),
    "other_lengths": lambda texts, key: (200, json.dumps(of_other_lengths(texts))),
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # Connections are kept.

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        authorization = self.headers.get("Authorization", "")
        self.server.requests.append((self.path, authorization, request))
        fault = FAULTS.get(self.path.removesuffix("/embeddings").strip("/"))
        status, body = (fault(request["input"], authorization.removeprefix("Bearer "))
                        if fault else (404, "no such path"))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        """Says nothing."""


class EmbeddingsServer(ThreadingHTTPServer):
    """Serves in a thread from `start` to `stop`, and keeps what it was asked in `requests`."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests = []

    def url(self, fault="v1"):
        return f"http://127.0.0.1:{self.server_address[1]}/{fault}"

    def start(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()


if __name__ == "__main__":
    server = EmbeddingsServer()
    print(server.url(), flush=True)
    server.serve_forever()
