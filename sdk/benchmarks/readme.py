"""Puts what a command has printed into sdk/README.md, between the comments that name it."""

import os
import re

README = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "README.md")


def put(name: str, text: str) -> None:
    with open(README, encoding="utf-8") as file:
        readme = file.read()
    found = re.search(r"(<!-- %s: begin[^>]*-->\n).*?(<!-- %s: end -->)" % (name, name), readme, re.S)
    if not found:
        raise SystemExit("%s has no comments '%s: begin' and '%s: end'" % (README, name, name))
    with open(README, "w", encoding="utf-8") as file:
        file.write(readme[:found.start()] + found.group(1) + "\n" + text.strip() + "\n\n" + found.group(2) + readme[found.end():])
