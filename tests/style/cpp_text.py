"""C++ text without what a check must not look into, and the functions in it."""

import re

_TOKEN = re.compile(
    r'//[^\n]*'
    r'|/\*.*?\*/'
    r'|R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'(?:\\.|[^'\\\n])+'",
    re.DOTALL)

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(<[^>\n]+>|"[^"\n]+")', re.MULTILINE)


def _blank(match):
    text = match.group(0)
    before = match.string[match.start() - 1] if match.start() else " "
    if text[0] == "'" and before.isalnum():  # A digit separator, as in 1'000'000.
        return text
    return re.sub(r"[^\n]", " ", text)


def without_text(source):
    """The source with comments, strings and characters replaced by blanks, lines kept."""
    return _TOKEN.sub(_blank, re.sub(r"(?<=\d)'(?=\d)", "0", source))


def without_directives(code):
    """The code with the preprocessor's lines replaced by blanks."""
    return re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", lambda m: re.sub(r"[^\n]", " ", m.group(0)), code,
                  flags=re.MULTILINE)


def line_of(source, position):
    return source.count("\n", 0, position) + 1


def includes(source):
    """(line, target) of each include; the target keeps its <> or quotes."""
    return [(line_of(source, m.start(1)), m.group(1)) for m in _INCLUDE.finditer(source)]


_NO_FUNCTION = re.compile(r"^\s*(?:template\s*<.*>\s*)?(?:inline\s+)?"
                          r"(?:namespace|class|struct|enum|union|extern\b)|=\s*$", re.DOTALL)
_INITIALISER = re.compile(r"\)\s*(?:noexcept\s*)?:[^:]")


def _opens_function(head):
    return ")" in head and not _NO_FUNCTION.search(head)


def _opens_member_initialiser(head):
    return bool(_INITIALISER.search(head)) and bool(re.search(r"[\w>]\s*$", head))


def functions(source):
    """(first line, last line, head) of each function with a body; lambdas belong to theirs."""
    code = without_directives(without_text(source))
    found = []
    open_braces = []  # What each open brace began: "function", "initialiser" or "other".
    head_start = 0
    function_start = 0
    for match in re.finditer(r"[{};]", code):
        position, character = match.start(), match.group(0)
        inside = "function" in open_braces or "initialiser" in open_braces
        head = code[head_start:position]
        if character == "{":
            if inside:
                open_braces.append("other")
            elif _opens_function(head) and _opens_member_initialiser(head):
                open_braces.append("initialiser")
            elif _opens_function(head):
                open_braces.append("function")
                function_start = head_start + len(head) - len(head.lstrip())
            else:
                open_braces.append("other")
        elif character == "}":
            closed = open_braces.pop() if open_braces else "other"
            if closed == "function":
                name = " ".join(code[function_start:position].split("{")[0].split())
                found.append((line_of(code, function_start), line_of(code, position), name))
            if closed == "initialiser":
                continue  # The head of the constructor goes on.
        if not inside or "function" not in open_braces:
            if "initialiser" not in open_braces:
                head_start = position + 1
    return found
