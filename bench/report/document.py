"""Writes tables into a document, between markers."""

import re

from results import Failure


def marker(part, side):
    return f"<!-- speed:{part}:{side} -->"


def replace_part(text, part, content):
    """The text with `content` between the markers of the part."""
    begin, end = marker(part, "begin"), marker(part, "end")
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise Failure(f"the document must have {begin} and after it {end}, once each")
    pattern = re.compile(re.escape(begin) + ".*" + re.escape(end), re.DOTALL)
    return pattern.sub(lambda _: f"{begin}\n{content.strip()}\n{end}", text)


def rewrite(path, parts):
    """Replaces each part (a dict from name to content) in the file."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}") from error
    for part, content in parts.items():
        text = replace_part(text, part, content)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
