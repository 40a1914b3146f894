"""A plain strawberry server, written with good practices, to compare the hub with.

It has hand-written types with the hub's field names, DataLoaders per request, one shared httpx
client, zeep's asynchronous client, and SQLAlchemy over asyncpg. It calls the upstream in the same
batches as the hub.
"""
