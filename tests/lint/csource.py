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


def without_directives(code):
    """code with preprocessor lines blanked"""
    return re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", lambda m: blank(m.group()), code, flags=re.MULTILINE)


def files(argv, suffixes=(".c", ".h")):
    """(name, text) of the sources under src/ of the tree in argv[1], or of this one"""
    top = pathlib.Path(argv[1] if len(argv) > 1 else pathlib.Path(__file__).parents[2])
    for path in sorted((top / "src").rglob("*")):
        if path.suffix in suffixes:
            yield path.relative_to(top).as_posix(), path.read_text(encoding="utf-8")


def finish(complaints):
    for complaint in complaints:
        print(complaint)
    sys.exit(1 if complaints else 0)
