"""Every HTTP route asked by strangers and by the wrong people (quality.md, Safety 2, 9, 12), on a real server."""

from __future__ import annotations

import io
import re

import httpx
import openpyxl
import pytest

import selfcare_app.selfcare_app
from selfcare_app.api.guard import is_public
from selfcare_app.api.routes import ROUTES
from selfcare_app.pages import PAGES

assert selfcare_app.selfcare_app.app
FILES = ("/export/customer-numbers.csv", "/export/customer-numbers.xlsx")
PAGE_ROUTES = [page.route for page in PAGES if page.route.startswith("/")]
EVERY_PATH = sorted({route.path for route in ROUTES} | set(PAGE_ROUTES))
OPEN = {
    "/login",
    "/logout",
    "/forgot-password",
    "/reset-password/{token}",
    "/invitation/{token}",
    "/second-factor",
    "/confirm-address/{token}",
    "/healthz",
}
"""What a stranger may reach; anything new is closed until it stands here."""
CLOSED = ("/_upload", "/_upload/x", "/_health", "/_all_routes", "/ping", "/_event", "/auth-codespace")


def asked(path: str) -> str:
    return re.sub(r"[{\[][^}\]]*[}\]]", "10023", path)


@pytest.fixture(scope="module")
def stranger(portal):
    with portal.client() as client:
        yield client


@pytest.fixture(scope="module")
def superuser(portal):
    with portal.client("superuser@bjorko.example") as client:
        yield client


@pytest.fixture(scope="module")
def partial(portal):
    with portal.client("partial@bjorko.example") as client:
        yield client


@pytest.mark.parametrize("path", EVERY_PATH)
def test_a_stranger_reaches_only_what_is_meant_for_strangers(stranger, path):
    assert is_public(asked(path)) == (path in OPEN)
    if path in OPEN:
        return
    answer = stranger.get(asked(path) + "?q=1")
    if path.startswith(("/export/", "/uploads/")) or path.endswith((".pdf", ".zip")):
        assert answer.status_code == 401
    else:
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login?next=")
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert stranger.request(method, asked(path)).status_code in (401, 403, 404, 405)


@pytest.mark.parametrize("path", ["/nope", "/customer-numbers/20001", "/operator", "/..%2f..%2fetc/passwd", "/x.py"])
def test_a_path_nobody_knows_leads_a_stranger_to_sign_in_too(stranger, path):
    assert stranger.get(path).status_code == 303


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_the_frameworks_own_doors_are_closed(superuser, stranger, path, method):
    for client in (superuser, stranger):
        assert client.request(method, path, content=b"x" * 1000).status_code == 404


@pytest.mark.parametrize("path", sorted(OPEN | {"/choose-company"}))
@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
def test_a_write_from_another_origin_is_refused(superuser, path, headers):
    assert superuser.post(asked(path), headers=headers, data={"email": "a"}).status_code == 403


@pytest.mark.parametrize(
    "path", ["/login", "/", "/customer-numbers", "/healthz", "/nope", "/export/customer-numbers.csv"]
)
def test_every_answer_carries_the_headers_that_protect(superuser, stranger, path):
    for client in (superuser, stranger):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "unsafe-eval" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "'unsafe-inline'" not in policy.split("style-src")[0]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"].endswith("no-store")
        assert "access-control-allow-origin" not in headers


def test_built_files_may_be_kept_for_ever(stranger):
    found = re.search(r'href="(/assets/[^"]+\.css)"', stranger.get("/login").text)
    assert found
    assert "immutable" in stranger.get(found[1]).headers["cache-control"]


@pytest.mark.parametrize("path", FILES)
def test_an_export_asks_for_the_lists_permission_and_scope(portal, superuser, partial, path):
    whole = superuser.get(path)
    assert whole.status_code == 200
    assert whole.headers["content-disposition"].startswith('attachment; filename="Kundnummer ')
    few = partial.get(path + "?tab=all&size=100&id=1,2,3,4,5,6,7,8,9,10")
    with portal.client("superuser@sjovik.example") as other:
        theirs = other.get(path)
    assert numbers(path, few) < numbers(path, whole)
    assert not numbers(path, theirs) & numbers(path, whole)
    with portal.client("staff@exempelnat.example") as staff:
        assert staff.get(path).status_code == 403


def numbers(path: str, answer: httpx.Response) -> set[str]:
    if path.endswith(".csv"):
        return {line.split(";")[0] for line in answer.content.decode("utf-8-sig").splitlines()[1:]}
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    return {str(row[0].value) for row in list(sheet.rows)[1:]}


@pytest.mark.parametrize(
    "path", ["/export/passwords.csv", "/export/customer-numbers.pdf", "/export/.csv", "/export/a%0d%0ab.csv"]
)
def test_there_is_no_export_of_what_is_no_list(superuser, path):
    assert superuser.get(path).status_code == 404


def test_a_users_own_file_is_useless_to_another_without_a_session(superuser, stranger):
    assert superuser.get(FILES[0]).status_code == 200
    assert stranger.get(FILES[0]).status_code == 401
    assert stranger.get(FILES[0], headers={"cookie": "selfcare_session=made-up"}).status_code == 401


def test_unknown_and_foreign_pages_look_alike(superuser):
    assert superuser.get("/customer-numbers/nope").status_code == superuser.get("/customer-numbers/20023").status_code
    assert superuser.get("/nope").status_code == 404


def test_a_page_is_served_at_its_own_address_without_a_detour(superuser):
    answer = superuser.get("/customer-numbers?q=a")
    assert answer.status_code == 200
    assert "text/html" in answer.headers["content-type"]


def test_health_tells_counts_and_nothing_of_anybody(stranger):
    answer = stranger.get("/healthz").json()
    assert answer["status"] == "ok"
    assert set(answer) == {"status", "process", "database", "mail"}
    assert "@" not in str(answer)


def test_no_token_and_no_cookie_stands_in_the_servers_log(portal, superuser):
    log = (portal.data_dir / "server.log").read_text()
    assert superuser.cookies["selfcare_session"] not in log
    assert "selfcare_session" not in log
