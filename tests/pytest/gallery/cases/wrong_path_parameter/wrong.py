"""The client writes `no7` where the document wants the number alone."""

from tests.pytest.gallery.client import send


def order(api, number):
    headers = {"Idempotency-Key": "7b1c1a52-3a41-4c0e-9d8e-0b8b8f3f5b11"}
    send("PUT", f"{api.url}/orders/no{number}", {}, headers=headers)


def test_it(openapi_mock):
    order(openapi_mock("shop.yaml"), 7)
