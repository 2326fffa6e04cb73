"""Signing in by a mailed link, or by the code in the same mail; and signing out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, current_app, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from shared import access
from shared.access import sessions as cookies
from shared.web import read_form

from ..operations import sessions, sign_in
from ..rules import access as rules
from ..schemas.access import CodeForm, SignInForm

SIGN_IN = Blueprint("sign_in", __name__)


@SIGN_IN.before_request
def refuse_other_sites() -> None:
    """Let no other site sign somebody in, with a link or code of its own, as somebody else."""
    if request.method == "POST":
        access.check_origin()


@SIGN_IN.after_request
def tell_origin(response: Response) -> Response:
    """Have browsers say that these forms are ours, yet never tell the link that stands in a path.

    With no-referrer they would send them with `Origin: null`.
    """
    response.headers.setdefault("Referrer-Policy", "strict-origin")
    return response


@SIGN_IN.get("/sign-in")
def show_sign_in() -> str:
    """Ask for the address of an organiser."""
    return sign_in_page({})


@SIGN_IN.post("/sign-in")
def request_link() -> Response:
    """Mail a way in, to organisers only; everybody gets the same answer."""
    form = read_form(SignInForm(), again=sign_in_page)
    path = rules.local_path(form["next"])
    request_id = sign_in.request_link(g.session, form["email"], browser(), now=g.now, path=path)
    return to_code(str(request_id), path)


@SIGN_IN.get("/sign-in/code")
def show_code() -> str:
    """Say that a mail is on its way, and take its code."""
    wrong = {"code": [rules.CODE_IS_WRONG]} if "wrong" in request.args else {}
    return code_page(wrong)


@SIGN_IN.post("/sign-in/code")
def use_code() -> Response:
    """Sign in by a code; a wrong one leads back, as its try has to be counted."""
    form = read_form(CodeForm(), again=code_page)
    path = rules.local_path(form["next"])
    cookie = sign_in.sign_in_by_code(g.session, form["request"], form["code"], browser(), now=g.now)
    if cookie is None:
        return to_code(str(form["request"]), path, wrong="yes")
    return let_in(cookie, path)


@SIGN_IN.get("/sign-in/link/<token>")
def show_link(token: str) -> tuple[str, int]:
    """Show the button that signs in: looking at a link, as mail scanners do, uses nothing up."""
    return link_page(sign_in.why_link_fails(g.session, token, now=g.now))


@SIGN_IN.post("/sign-in/link/<token>")
def use_link(token: str) -> Response:
    """Sign in by a link, once."""
    cookie = sign_in.sign_in_by_link(g.session, token, browser(), now=g.now)
    if cookie is None:
        problem = sign_in.why_link_fails(g.session, token, now=g.now)
        return make_response(link_page(problem))
    return let_in(cookie, rules.local_path(request.args.get("next", "")))


@SIGN_IN.post("/sign-in/link/<token>/new")
def request_link_anew(token: str) -> Response:
    """Mail a new way in to whom an old link was for."""
    request_id = sign_in.request_link_anew(g.session, token, browser(), now=g.now)
    return to_code(str(request_id), rules.local_path(request.args.get("next", "")))


@SIGN_IN.post("/sign-out")
def sign_out() -> Response:
    """End the session of this browser; without one there is nothing to end."""
    who = access.who_asks()
    if who is not None and who.organiser_id is not None and who.session_id is not None:
        access.check_csrf(who)
        sessions.end_session(g.session, who.organiser_id, who.session_id, now=g.now)
    response = redirect("/", 303)
    response.delete_cookie(cookie_name(), secure=is_secure(), httponly=True, samesite="Lax")
    return response


def sign_in_page(errors: dict[str, list[str]]) -> str:
    """Return the page that asks for an address."""
    typed = {"next": request.args.get("next", ""), **request.form}
    return render_template("events/sign_in.html", form=SignInForm(), typed=typed, errors=errors)


def code_page(errors: dict[str, list[str]]) -> str:
    """Return the page that takes the code."""
    typed = {**request.args, **request.form}
    return render_template("events/code.html", form=CodeForm(), typed=typed, errors=errors)


def link_page(problem: str) -> tuple[str, int]:
    """Return the page of a link, with its button or with what is wrong with it."""
    known = problem != rules.LINK_IS_UNKNOWN
    page = render_template("events/link.html", problem=problem, known=known)
    return page, 409 if problem and known else 404 if problem else 200


def to_code(request_id: str, path: str, **more: str) -> Response:
    """Lead to the page that takes the code."""
    query: dict[str, Any] = {"request": request_id, **more}
    if path != rules.START:
        query["next"] = path
    return redirect(f"/sign-in/code?{urlencode(query)}", 303)


def let_in(cookie: str, path: str) -> Response:
    """Give the browser its session and lead to where it wanted to go."""
    response = redirect(path, 303)
    lasts = int(cookies.LASTS.total_seconds())
    response.set_cookie(
        cookie_name(), cookie, max_age=lasts, secure=is_secure(), httponly=True, samesite="Lax"
    )
    return response


def cookie_name() -> str:
    """Return the name of the cookie of sessions."""
    return access.cookie_name(current_app.config["SETTINGS"].public_url)


def is_secure() -> bool:
    """Tell whether the cookie is for https alone."""
    return cookies.is_secure(current_app.config["SETTINGS"].public_url)


def browser() -> sign_in.Browser:
    """Return where the request comes from."""
    name = rules.describe_browser(request.headers.get("User-Agent", ""))
    return sign_in.Browser(name, request.remote_addr or "")
