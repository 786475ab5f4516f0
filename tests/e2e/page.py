# SPDX-License-Identifier: GPL-2.0-only
"""The page of `tcpspan report` taken apart, and what would be wrong with any page."""
import base64
import hashlib
import html.parser
import re

VOID = {"meta", "br", "input", "link", "img", "hr"}
SHAPES = {"path", "rect", "line", "circle", "polyline"}  # which this page closes at once
CSP = ("default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; "
       "base-uri 'none'; form-action 'none'")


class Page(html.parser.HTMLParser):
    """Tables by their captions, as rows of cells; a cell is its number where it has one."""

    def __init__(self, text):
        super().__init__()
        self.text, self.open, self.flaws = text, [], []
        self.ids, self.targets, self.attributes = [], [], []
        self.tables, self.words, self.policy, self.lang = {}, [], None, None
        self.sources = {"style": "", "script": ""}
        self.table = self.row = self.cell = self.caption = self.number = None
        self.svg_words = []
        self.feed(text)
        self.close()
        if self.open:
            self.flaws.append(f"never closed: {self.open}")

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if "id" in attributes:
            self.ids.append(attributes["id"])
        self.targets += [value[1:] for name, value in attrs
                         if name in ("href", "aria-labelledby") and value.startswith("#")]
        if tag == "html":
            self.lang = attributes.get("lang")
        if attributes.get("http-equiv") == "Content-Security-Policy":
            self.policy = attributes["content"]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "svg" and attributes.get("role") != "img" and "svg" not in self.open[:-1] and \
                attributes.get("aria-hidden") != "true":
            self.flaws.append("a figure without a role")
        if tag == "table":
            self.table = []
        elif tag == "caption":
            self.caption = ""
        elif tag == "tr":
            self.row = []
        elif tag in ("td", "th"):
            self.cell, self.number = "", None
        elif tag == "data" and self.cell is not None:
            self.number = int(attributes["value"])

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.flaws.append(f"{tag} closes {self.open[-1:]}")
            return
        self.open.pop()
        if tag == "caption":
            self.tables[self.caption] = self.table
        elif tag == "tr" and self.table is not None:
            self.table.append(self.row)
        elif tag in ("td", "th"):
            self.row.append(self.cell if self.number is None else self.number)
            self.cell = None
        elif tag == "table":
            self.table = None

    def handle_data(self, data):
        if self.open and self.open[-1] in self.sources:
            self.sources[self.open[-1]] += data
            return
        self.words.append(data)
        if self.cell is not None:
            self.cell += data
        if self.open and self.open[-1] == "caption":
            self.caption += data


def hash_of(text):
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def flaws_of(page):
    """Whatever a page that is complete in itself must not have."""
    yield from page.flaws
    wanted = CSP.format(**{name: hash_of(text) for name, text in page.sources.items()})
    if page.policy != wanted:
        yield f"its policy is {page.policy}, not {wanted}"
    if len(page.ids) != len(set(page.ids)):
        yield f"ids twice: {sorted(page.ids)}"
    yield from (f"leads nowhere: {each}" for each in page.targets if each not in page.ids)
    for tag, name, value in page.attributes:
        if name.startswith("on") or name == "style":
            yield f"{name} in {tag}"
        elif name in ("src", "srcset", "action", "data", "poster") or (
                name == "href" and not value.startswith("#")):
            yield f"asks for something: {tag} {name}={value}"
    if re.search(r"https?:|//[a-z]+\.[a-z]|@import|url\((?!#)", page.text):
        yield "an address of elsewhere"
    if len(page.text) > 500_000:
        yield f"{len(page.text)} bytes"
    described = len(re.findall(r"<svg[^>]*role=\"img\"[^>]*><desc>[^<]+</desc>", page.text))
    if described != page.text.count("role=\"img\""):
        yield "a figure without a description"


def read(raw):
    return Page(raw.decode())
