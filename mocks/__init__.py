"""Mock department systems: real HTTP, SOAP and SQL servers over one made-up population.

`python -m mocks NAME --port P` starts one of them (`mocks.command`). Every person, number and
document in here is invented; nothing is taken from a real register. The package imports nothing
of the hub: they meet over the wire.
"""
