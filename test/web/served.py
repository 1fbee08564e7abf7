#!/usr/bin/env python3
"""How the console is served: its page at every path, its files in three codings, and under which policy."""
import gzip
import json
import os
import re
import subprocess
import sys

WITH = sys.argv.pop(2) == "with"
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../serve"))
from serving import HILF, Serve, Skip, case, environment, folder, main

SOURCE = os.environ.get("HILF_SOURCE") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")


def need_console():
    if not WITH:
        raise Skip("this build has no console")


def page_of(serve):
    return serve.must("GET", "/", key="")


def paths():
    with open(os.path.join(SOURCE, "web/src/pages.json"), encoding="utf-8") as file:
        return [re.sub(r"\{.*?\}", "42", row["path"]) for row in json.load(file)]


def files(page):
    return re.findall(r'(?:src|href)="(/assets/[^"]+)"', page.body.decode())


@case
def the_start_is_the_console_or_leads_to_the_page_of_the_api():
    with folder() as data, Serve(data) as serve:
        answer = serve.ask("GET", "/", key="")
        if WITH:
            assert answer.status == 200 and b'<div id="app">' in answer.body
        else:
            assert (answer.status, answer.headers["Location"]) == (302, "/docs")
            assert serve.ask("GET", "/queue", key="").status == 404
        assert serve.ask("GET", "/docs", key="").status == 200


@case
def each_page_has_an_address_and_nothing_else_has():
    need_console()
    with folder() as data, Serve(data) as serve:
        page = page_of(serve).body
        for path in paths():
            assert serve.must("GET", path, key="").body == page, path
            assert serve.ask("HEAD", path, key="").status == 200, path
            assert serve.must("GET", path + "?state=mine&next=%2Fqueue", key="").body == page, path
        for path in ("/queue/more", "/v1/queue", "/index.html", "/assets", "/Queue"):
            assert serve.ask("GET", path, key="").status == 404, path
        assert serve.ask("POST", "/queue", key="").status in (404, 405)


@case
def who_goes_astray_gets_a_page_and_a_program_gets_json():
    with folder() as data, Serve(data) as serve:
        browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
        lost = serve.ask("GET", "/no/such/page", key="", headers=browser)
        assert lost.status == 404
        if WITH:
            page = page_of(serve)
            assert lost.body == page.body
            assert lost.headers["Content-Security-Policy"] == page.headers["Content-Security-Policy"]
            assert lost.headers["Cache-Control"] == "no-store"
            tagged = {**browser, "If-None-Match": page.headers["ETag"]}
            assert serve.ask("GET", "/no/such/page", key="", headers=tagged).status == 404
        else:
            assert json.loads(lost.body)["error"]["code"] == "not_found"
        for method, accept in (("GET", {}), ("GET", {"Accept": "*/*"}), ("GET", {"Accept": "application/json"}), ("POST", browser)):
            answer = serve.ask(method, "/no/such/page", key="", headers=accept)
            assert (answer.status, json.loads(answer.body)["error"]["code"]) == (404, "not_found"), (method, accept, answer.body)
        assert json.loads(serve.ask("GET", "/assets/none.js", key="", headers=browser).body)["error"]["code"] == "not_found"


@case
def a_page_may_load_what_is_ours_and_evidence_and_run_no_text():
    need_console()
    with folder() as data, Serve(data) as serve:
        answer = page_of(serve)
        policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'" and policy["frame-ancestors"] == "'none'", policy
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'", policy
        assert policy["img-src"] == policy["media-src"] == "'self' blob: https:", policy
        assert policy["require-trusted-types-for"] == "'script'" and policy["trusted-types"] == "'none'", policy
        assert not re.search("unsafe|data:|http:", " ".join(policy.values())), policy
        assert answer.headers["Cross-Origin-Opener-Policy"] == answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Referrer-Policy"] == "no-referrer" and answer.headers["Cache-Control"] == "private, no-cache"
        text = answer.body.decode()
        assert not re.search(r"<script>|<style|style=|\son\w+=|https?:", text), text


@case
def evidence_comes_from_where_the_operator_says():
    need_console()
    with folder() as data, Serve(data, "--evidence-from", "https://media.example.org", "--evidence-from",
                                 "http://127.0.0.1:8099") as serve:
        policy = page_of(serve).headers["Content-Security-Policy"]
        assert "img-src 'self' blob: https://media.example.org http://127.0.0.1:8099;" in policy, policy
    for wrong in ("media.example.org", "https://a.example/path", "https://a.example; script-src *", "https://", "'self'"):
        with folder() as data:
            result = subprocess.run([HILF, "serve", "--data", data, "--listen", "127.0.0.1:0", "--evidence-from", wrong],
                                    env=environment(), text=True, capture_output=True, timeout=120, check=False)
            assert result.returncode == 2 and "is no origin such as https://media.example.org" in result.stderr, result.stderr


@case
def files_are_kept_for_ever_and_sent_in_the_coding_that_is_taken():
    need_console()
    with folder() as data, Serve(data) as serve:
        names = files(page_of(serve))
        assert any(name.endswith(".js") for name in names) and any(name.endswith(".css") for name in names), names
        for name in names:
            plain = serve.must("GET", name, key="")
            assert "immutable" in plain.headers["Cache-Control"] and plain.headers["Vary"] == "Accept-Encoding"
            assert "Content-Encoding" not in plain.headers
            packed = serve.must("GET", name, key="", headers={"Accept-Encoding": "gzip;q=0.5"})
            if packed.headers.get("Content-Encoding"):
                assert gzip.decompress(packed.body) == plain.body, name
            short = serve.must("GET", name, key="", headers={"Accept-Encoding": "gzip, br"})
            assert len(short.body) <= len(packed.body) <= len(plain.body), name
            again = serve.ask("GET", name, key="", headers={"If-None-Match": plain.headers["ETag"]})
            assert (again.status, again.body) == (304, b""), again.status
        for name in ("none.js", "..%2findex.html", "%2e%2e", "index.html"):
            assert serve.ask("GET", "/assets/" + name, key="").status in (400, 404), name


def links(serve, path, **headers):
    """What the browser is told to load with a page: path and relation."""
    header = serve.must("GET", path, key="", headers=headers).headers["Link"]
    return dict(re.fullmatch(r"<(/[^>]+)>; rel=(.+)", one).groups() for one in header.split(", "))


@case
def a_page_says_what_it_will_load():
    need_console()
    with folder() as data, Serve(data) as serve:
        for path in paths():
            found = links(serve, path)
            assert found.pop("/v1/session") == "preload; as=fetch; crossorigin", (path, found)
            assert len(found) >= 2 and set(found.values()) == {"modulepreload"}, (path, found)
            assert not set(found) & set(files(page_of(serve))), (path, found)
            for name in found:
                assert serve.must("GET", name, key="").headers["Content-Type"].startswith("text/javascript"), name


@case
def the_texts_it_will_load_are_of_the_language_it_will_speak():
    need_console()
    with folder() as data, Serve(data) as serve:
        for language, headers in (
                ("en", {}), ("en", {"Accept-Language": "de, *;q=0.1"}), ("fr", {"Accept-Language": "de;q=0.9,fr-CH, en"}),
                ("ar", {"Accept-Language": "ar"}), ("en", {"Accept-Language": "frr, ,,x"}),
                ("ar", {"Accept-Language": "fr", "Cookie": "hilf_theme=dark; hilf_language=ar"}),
                ("fr", {"Accept-Language": "fr", "Cookie": "hilf_language=de"}),
                ("fr", {"Accept-Language": "fr", "Cookie": "hilf_language="})):
            names = [name for name in links(serve, "/banks", **headers) if re.match(r"/assets/(en|fr|ar)-", name)]
            assert len(names) == 2 and all(name.startswith(f"/assets/{language}-") for name in names), (language, headers, names)


@case
def what_a_page_asks_first_is_asked_for_by_who_will_be_told():
    need_console()
    queue = "/v1/cases?state=open&limit=50"
    with folder() as data, Serve(data) as serve:
        stale = {"Cookie": "hilf_session=" + "a" * 32}
        for path in ("/", "/queue", "/cases/12"):
            for headers in ({}, stale):
                assert not any(name.startswith("/v1/cases") for name in links(serve, path, **headers)), path
    with folder() as data, Serve(data, "--open") as serve:
        for path, wanted in (("/", queue), ("/queue", queue), ("/queue/", queue), ("/cases/12", "/v1/cases/12")):
            assert links(serve, path).get(wanted) == "preload; as=fetch; crossorigin", path
        for path in ("/queue?state=mine", "/cases/12?x=1", "/cases/1%3E2", "/cases/a,b", "/cases/%22", "/banks", "/sign-in"):
            assert not any(name.startswith("/v1/cases") for name in links(serve, path)), path


@case
def what_is_sent_for_a_page_is_small():
    need_console()
    with folder() as data, Serve(data) as serve:
        for path in ("/sign-in", "/queue", "/cases/12"):
            names = {*files(page_of(serve)), *links(serve, path)}
            sent = sum(len(serve.must("GET", name, key="", headers={"Accept-Encoding": "br"}).body)
                       for name in names if name.endswith(".js"))
            assert sent <= 60_000, (path, sent)


main()
