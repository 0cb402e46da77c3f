"""Fifty clients at once: each input gets the bytes that it gets when they come one by one."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPConnection

from mockserver.server import Server

CLIENTS = 50


def bulk_run(server, world, number):
    """The bytes of one answer."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        body = json.dumps({"runs": [{"inputs": {"q": str(number), "n": number}}]})
        headers = {"Authorization": "Bearer vs-test-key", "Content-Type": "application/json"}
        connection.request("POST", f"/w/{world}/vectorshift/v1/pipeline/p/bulk_run", body, headers)
        return connection.getresponse().read()
    finally:
        connection.close()


def test_parallel_clients_get_the_same_bytes():
    """Chance is keyed by the input: neither the order of arrival nor the world's name matters."""
    with Server(vendors=("vectorshift",), seed=6) as server:
        for name in ("alone", "together"):
            server.run(partial(server.worlds.open, name))
        alone = [bulk_run(server, "alone", number) for number in range(CLIENTS)]
        with ThreadPoolExecutor(CLIENTS) as pool:
            together = list(pool.map(lambda number: bulk_run(server, "together", number), range(CLIENTS)))

    assert together == alone
    assert len(set(alone)) > CLIENTS // 2
