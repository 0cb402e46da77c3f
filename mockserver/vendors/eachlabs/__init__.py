"""each::labs' workflow APIs, as their public documents show them."""

from mockserver.vendors.eachlabs.vendor import VENDOR

__all__ = ["VENDOR"]
