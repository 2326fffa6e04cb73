"""The sign-up form on other sites: in a frame, or as a form of their own that is sent here.

Nothing here needs a cookie. A group lists the sites; to all others the frame stays empty and the
form is refused.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, jsonify, redirect, request, url_for
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from shared.access import NotAllowed
from shared.framing import framing_policy

from .. import links, operations
from . import sign_up
from .asking import Stood, as_json, sign_receipt

EMBED = Blueprint("embed", __name__)
NOT_LISTED = (
    "Sign-ups from {site} are not taken: the group has not listed that site in its profile, under"
    " “Web sites that may show your events”."
)


@EMBED.get("/embed/sign-up/<int:shift_id>")
def show_form(shift_id: int) -> Response:
    """The form, bare, for a frame on one of the sites that the group lists."""
    return form_page(find_shift(shift_id), {})


@EMBED.post("/embed/sign-up/<int:shift_id>")
def submit_form(shift_id: int) -> AnyResponse:
    """Take the form in the frame, or that of a listed site, which has no token of ours."""
    shift = find_shift(shift_id)
    stood = Stood("embed", need_site(), elsewhere=is_foreign())
    receipt = sign_up.take_form(shift, lambda errors: form_page(shift, errors), stood)
    signed = sign_receipt(receipt)
    page = "sign_up.show_receipt" if is_foreign() else "embed.show_receipt"
    return redirect(url_for(page, signed=signed), 303)


@EMBED.get("/embed/sign-up/receipt/<signed>")
def show_receipt(signed: str) -> Response:
    """What was just agreed, in the frame."""
    receipt = links.read_receipt(g.session, signed)
    find_shift(receipt["shift_id"])
    return framed(sign_up.receipt_page(receipt, "signups/embed_receipt.html", sites=g.sites))


@EMBED.get("/embed/sign-up/<int:shift_id>/form.json")
def describe_form(shift_id: int) -> Response:
    """What a listed site's own form has to show and to send, with a token for one sign-up."""
    shift = find_shift(shift_id)
    need_site()
    return jsonify(as_json(shift))


@EMBED.post("/embed/sign-up/<int:shift_id>/form.json")
def submit_json(shift_id: int) -> AnyResponse:
    """Take a form that a script of a listed site sends; answer with the receipt, or what is wrong.

    The body is that of a form, so that browsers ask nothing beforehand.
    """
    shift = find_shift(shift_id)
    stood = Stood("embed", need_site(), elsewhere=is_foreign())
    return jsonify(sign_up.take_form(shift, wrong_fields, stood))


@EMBED.after_request
def allow_site(response: Response) -> Response:
    """Let scripts of listed sites read the answer, refusals included."""
    origin = request.headers.get("Origin", "")
    if origin in g.get("sites", ()):
        response.headers["Access-Control-Allow-Origin"] = origin
    response.headers.add("Vary", "Origin")
    return response


def find_shift(shift_id: int) -> Row[Any]:
    """Return the shift; from then on its group's sites are known."""
    shift = operations.find_shift(g.session, shift_id)
    g.sites = operations.list_sites(g.session, shift.group_id)
    return shift


def need_site() -> str:
    """Return the origin of the site on which the form stands. Raises NotAllowed for another one.

    In a frame the site is what its address says, as far as that is listed.
    """
    origin = request.headers.get("Origin", "")
    if is_foreign():
        if origin not in g.sites:
            raise NotAllowed(NOT_LISTED.format(site=origin))
        return origin
    said = request.args.get("site", "")
    return said if said in g.sites else g.sites[0] if len(g.sites) == 1 else ""


def is_foreign() -> bool:
    """Tell whether a page of another site sent the request, as far as browsers say so.

    From our own pages they say "null", since these tell nobody where somebody was (Fetch standard,
    "append a request Origin header"). Whoever else says it has no form token.
    """
    own = links.settings_of(g.session).public_url.rstrip("/").casefold()
    return request.headers.get("Origin", own) not in (own, request.host_url.rstrip("/"), "null")


def form_page(shift: Row[Any], errors: dict[str, list[str]]) -> Response:
    """Show the form in the frame; sent from a listed site, it is shown on a page of ours."""
    if is_foreign():
        return sign_up.form_page(shift, errors)
    page = sign_up.form_page(shift, errors, "signups/embed.html", sites=g.sites)
    return framed(page)


def framed(page: Response | str) -> Response:
    """Return a page that only the group's sites may show in a frame."""
    response = page if isinstance(page, Response) else Response(page)
    response.headers["Content-Security-Policy"] = framing_policy(g.sites, forms="'self'")
    return response


def wrong_fields(errors: dict[str, list[str]]) -> Response:
    """Return what is wrong with a form that a script sent."""
    return jsonify({"title": "Some fields need another look.", "status": 400, "errors": errors})
