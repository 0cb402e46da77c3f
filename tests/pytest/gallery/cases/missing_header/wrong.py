"""The client forgets a header that the document asks for; the document is the user's own."""

from tests.pytest.gallery.client import send


def order(api, number):
    headers: dict[str, str] = {}
    send("PUT", f"{api.url}/orders/{number}", {}, headers=headers)


def test_it(openapi_mock):
    order(openapi_mock("shop.yaml"), 7)
