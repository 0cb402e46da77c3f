"""VectorShift's pipeline API, as its public pages and its Python SDK show it."""

from mockserver.vendors.vectorshift.vendor import VENDOR

__all__ = ["VENDOR"]
