"""What happens: pure and synchronous; no sockets, no asyncio, no wall clock."""
