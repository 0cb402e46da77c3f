"""What a request line asks for, however a client writes it."""

from __future__ import annotations

from tests.http.client import Client, post


def test_a_request_line_with_the_whole_url_is_served(client: Client) -> None:
    """Clients that talk as if to a proxy send `POST http://host/path`."""
    url = f"http://127.0.0.1:{client.server.port}{client.run_path}"

    answer = client.raw(post(url, b'{"runs":[]}', "Content-Length: 11"))

    assert answer.startswith(b"HTTP/1.1 200 ")


def test_a_slash_in_the_query_of_a_whole_url_begins_no_path(client: Client) -> None:
    """`http://host?next=/path` is for `/`, and the query stays what it is."""
    url = f"http://127.0.0.1:{client.server.port}?next={client.run_path}"

    answer = client.raw(post(url, b'{"runs":[]}', "Content-Length: 11", f"X-Mockserver-World: {client.world.name}"))

    (entry,) = client.entries
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert (entry.request.path, entry.request.query) == ("/", f"next={client.run_path}")
