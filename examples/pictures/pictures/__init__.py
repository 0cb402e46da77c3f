"""Pictures in bulk: a client of each::labs, and a receiver of its webhooks."""
