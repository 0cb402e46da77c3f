"""Sockets: the only room that imports aiohttp. It translates, and knows no rule."""
