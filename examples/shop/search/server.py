"""Search, split out of the monolith and written again in another language, on the standard library alone.

The same paths, and nearly the same answers: three differences and two kinds of noise are in it on purpose, for a
comparison of both sides to find (see ../README.md). Its data is its own: a copy of the products, and what was
searched for, in SQLite.
"""

import gzip
import json
import os
import signal
import socket
import sqlite3
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

TAX_PERCENT = 7
MAX_TERMS_KEPT = 200
WORTH_COMPRESSING = 1000
PRODUCTS = json.loads((Path(__file__).parent / "products.json").read_text("utf-8"))


class Searches:
    """How often each term was searched for."""

    def __init__(self, folder):
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
        path = str(Path(folder) / "searches.db") if folder else ":memory:"
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("create table if not exists searches (term text primary key, times integer not null)")

    def count(self, term):
        with self._lock:
            (kept,) = self._db.execute("select count(*) from searches where term <> ?", (term,)).fetchone()
            if kept < MAX_TERMS_KEPT:
                self._db.execute(
                    "insert into searches values (?, 1) on conflict (term) do update set times = times + 1", (term,)
                )

    def popular(self):
        with self._lock:
            rows = self._db.execute("select term, times from searches order by times desc, term limit 10").fetchall()
        return [{"term": term, "times": times} for term, times in rows]


def search(query):
    """Best first; equally good ones by number. (Planted difference 3: the monolith has them by name.)"""
    words = query.lower().split()
    scored = [(score_of(product, words), product) for product in PRODUCTS]
    return sorted([pair for pair in scored if pair[0] > 0], key=lambda pair: (-pair[0], pair[1]["id"]))


def score_of(product, words):
    scores = [word_score(product, word) for word in words]
    return 0 if 0 in scores else sum(scores)


def word_score(product, word):
    def has(field):
        return word in (product[field] or "").lower()

    return 8 * has("name") + 4 * has("latin") + 2 * has("category") + has("text")


def item_json(score, product):
    return {
        "id": product["id"],
        "name": product["name"],
        "latin": product["latin"],
        "category": product["category"],
        "price": product["priceCents"] / 100,
        # Planted difference 2: round() takes half a cent to the even cent, the monolith takes it up.
        "priceWithTax": round(product["priceCents"] * (100 + TAX_PERCENT) / 100) / 100,
        "rating": product["rating"],
        # Planted difference 1: no "origin".
        "inStock": product["stock"] > 0,
        "score": score,
    }


def positive(text, otherwise, most):
    return min(int(text), most) if text.isdigit() and int(text) > 0 else otherwise


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one packet.
    wbufsize = -1
    timeout = 90
    searches = None

    def do_GET(self):
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        if url.path == "/healthz":
            return self.send_json(200, {"status": "ok", "service": "search"})
        if url.path == "/api/search/popular":
            return self.send_json(200, {"items": self.searches.popular()})
        if url.path.rstrip("/") == "/api/search":
            return self.answer_search(query)
        return self.send_json(404, {"error": "not found"})

    do_HEAD = do_GET

    def answer_search(self, query):
        words = query.get("q", [""])[0].strip()
        if words == "":
            return self.send_json(400, {"error": "say what to search for: ?q=fern"})
        self.searches.count(words.lower()[:40])
        found = search(words)
        limit = positive(query.get("limit", [""])[0], 10, 50)
        return self.send_json(
            200,
            {
                # Two kinds of noise, on both sides: they differ from answer to answer.
                "searchId": str(uuid.uuid4()),
                "generatedAt": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
                "query": words,
                "total": len(found),
                "items": [item_json(score, product) for score, product in found[:limit]],
            },
        )

    def send_json(self, status, value):
        body = (json.dumps(value, ensure_ascii=False) + "\n").encode()
        zipped = len(body) >= WORTH_COMPRESSING and "gzip" in self.headers.get("accept-encoding", "")
        if zipped:
            body = gzip.compress(body)
        self.send_response(status)
        self.send_header("x-shop-answered-by", "search")
        self.send_header("x-shop-instance", socket.gethostname())
        self.send_header("content-type", "application/json; charset=utf-8")
        self.send_header("cache-control", "no-store")
        self.send_header("vary", "accept-encoding")
        if zipped:
            self.send_header("content-encoding", "gzip")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def version_string(self):
        return "search/2"

    def log_message(self, format, *args):
        """The router writes the access log."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def end_with_stdin(end):
    """Another program started us and holds the other end: when that closes, it is gone."""
    # Not through sys.stdin: its lock would be held when the interpreter ends.
    while os.read(0, 4096):
        pass
    end()


def main():
    Handler.searches = Searches(os.environ.get("DATA_DIR"))
    host = os.environ.get("HOST", "0.0.0.0")
    server = Server((host, int(os.environ.get("PORT", "8000"))), Handler)

    def end(*_):
        # shutdown() waits for the loop to leave, so it must not run on the loop's own thread.
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    if os.environ.get("SHOP_ENDS_WITH_STDIN") == "1":
        threading.Thread(target=end_with_stdin, args=(end,), daemon=True).start()
    shown = "localhost" if host == "0.0.0.0" else host
    print(f"search listening on http://{shown}:{server.server_address[1]}", flush=True)
    server.serve_forever(poll_interval=0.1)
    # Answers under way get a moment; their threads end with the process.
    time.sleep(0.2)


if __name__ == "__main__":
    main()
