"""A plain strawberry server, written the ordinary good way, to measure the hub against.

Hand-written types with the hub's field names, a DataLoader for each request, one shared httpx
client, zeep's asynchronous client, SQLAlchemy over asyncpg; it asks the upstream in the same
batches as the hub.
"""
