"""What search engines are told: which pages there are, and which are not for them."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from flask import Blueprint, Response, g, request

from shared.refusals import NotThere

from ..feeds.telling import instant_of
from ..operations import feeds
from .caching import keep_for_all
from .feeds import this_site

SITEMAP = Blueprint("sitemap", __name__)
SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
MOST = 50_000
"""Addresses in one file (sitemaps.org); with more, the first file names the others."""
NOT_FOR_ROBOTS = ("/organise", "/sign-in", "/sign-up", "/my", "/roster", "/mail", "/api", "/embed")
FRESH_SECONDS = 3600


@SITEMAP.get("/sitemap.xml")
def show_sitemap() -> Response:
    """Every public page; or, when they are too many for one file, the files that name them."""
    page = request.args.get("page", type=int)
    count = feeds.count_public_pages(g.session)
    if page is None and count > MOST:
        return answer_xml(index_of(-(-count // MOST)))
    start = MOST * (1 if page is None else page) - MOST
    if not 0 <= start < max(count, 1):
        raise NotThere
    return answer_xml(pages_from(start))


@SITEMAP.get("/robots.txt")
def show_robots() -> Response:
    """Keep robots out of forms, of what is personal and of what organisers do."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS)]
    lines += ["", f"Sitemap: {this_site().url}/sitemap.xml", ""]
    return keep_for_all("\n".join(lines), "text/plain", seconds=FRESH_SECONDS)


def index_of(files: int) -> Element:
    """Return the list of the files that hold the addresses."""
    index = Element("sitemapindex", xmlns=SPACE)
    for number in range(1, files + 1):
        entry = SubElement(index, "sitemap")
        SubElement(entry, "loc").text = f"{this_site().url}/sitemap.xml?page={number}"
    return index


def pages_from(start: int) -> Element:
    """Return the addresses of one file."""
    found = Element("urlset", xmlns=SPACE)
    for path, revision in feeds.list_public_pages(g.session, skipped=start, most=MOST):
        entry = SubElement(found, "url")
        SubElement(entry, "loc").text = this_site().url + path
        if revision:
            SubElement(entry, "lastmod").text = f"{instant_of(revision):%Y-%m-%dT%H:%M:%SZ}"
    return found


def answer_xml(root: Element) -> Response:
    """Answer with an XML file."""
    body = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return keep_for_all(body, "application/xml", seconds=FRESH_SECONDS)
