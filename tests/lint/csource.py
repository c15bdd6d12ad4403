"""C files as the checks of this folder read them."""

import pathlib
import re
import sys

# Comments, strings and characters; each may hold what looks like another.
TOKENS = re.compile(
    r"""(?P<comment>/\*.*?\*/|//(?:\\\n|[^\n])*)|(?P<string>"(?:\\.|[^"\\\n])*")|(?P<char>'(?:\\.|[^'\\\n])*')""",
    re.DOTALL,
)


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def code_of(text):
    """text with comments blanked and strings emptied; every line and column stays where it is"""

    def replace(match):
        found = match.group()
        if match.lastgroup == "comment":
            return blank(found)
        return found[0] + blank(found[1:-1]) + found[-1]

    return TOKENS.sub(replace, text)


def without_comments(text):
    """text with comments blanked"""
    return TOKENS.sub(lambda m: blank(m.group()) if m.lastgroup == "comment" else m.group(), text)


def without_directives(code):
    """code with preprocessor lines blanked"""
    return re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", lambda m: blank(m.group()), code, flags=re.MULTILINE)


def files(argv, suffixes=(".c", ".h")):
    """(name, text) of the sources under src/ of the tree in argv[1], or of this one"""
    top = pathlib.Path(argv[1] if len(argv) > 1 else pathlib.Path(__file__).parents[2])
    for path in sorted((top / "src").rglob("*")):
        if path.suffix in suffixes:
            yield path.relative_to(top).as_posix(), path.read_text(encoding="utf-8")


# KNF: the name at the beginning of a line, the braces of the body alone in the first column.
FUNCTION = re.compile(
    r"^(?P<type>[A-Za-z_][^\n;{}()#]*)\n(?:__attribute__\(\(.*\n)?(?P<name>\w+)\((?P<parameters>[^;{}]*)\)\s*^\{$(?P<body>.*?)^\}",
    re.MULTILINE | re.DOTALL,
)


class Function:
    """A definition: its type as written, name, parameters, line of the name, text and body."""

    def __init__(self, code, match):
        self.type = " ".join(match["type"].split())
        self.name = match["name"]
        self.parameters = " ".join(match["parameters"].split())
        self.start, self.end = match.span()
        self.text = code[match.start("name") : match.end()]
        self.body = match["body"]
        self.body_line = line_of(code, match.start("body"))
        self.line = line_of(code, match.start("name"))

    @property
    def is_static(self):
        return self.type.startswith("static ")


def line_of(code, offset):
    return code.count("\n", 0, offset) + 1


def functions_of(code):
    """the functions that the code of a file defines"""
    code = without_directives(code)
    return [Function(code, match) for match in FUNCTION.finditer(code)]


def layer_of(file):
    """the first folder below src/"""
    return file.split("/")[1]


def module_of(file):
    """a .c with its .h"""
    return file.rsplit(".", 1)[0].removeprefix("src/")


def finish(complaints):
    for complaint in complaints:
        print(complaint)
    sys.exit(1 if complaints else 0)
