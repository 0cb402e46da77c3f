"""docs/gallery.md shows the golden texts of the gallery."""

from tests.docs.gallery_page import PAGE, page


def test_the_page_is_made_from_the_golden_files():
    """Write it anew with `make docs`."""
    assert PAGE.read_text("utf-8") == page()
