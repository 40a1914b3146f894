"""Mock department systems: HTTP, SOAP, SQL and SFTP servers over one invented population.

`python -m mocks NAME --port P` starts one of them (see `mocks.command`). Every person, number and
document is invented. The package imports nothing from the hub: they communicate over the network.
"""
