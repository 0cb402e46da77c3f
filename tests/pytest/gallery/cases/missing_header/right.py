"""The header goes along."""

from tests.pytest.gallery.client import send


def order(api, number):
    headers = {"Idempotency-Key": f"00000000-0000-4000-8000-{number:012}"}
    send("PUT", f"{api.url}/orders/{number}", {}, headers=headers)


def test_it(openapi_mock):
    order(openapi_mock("shop.yaml"), 7)
