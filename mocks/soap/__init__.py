"""Common parts of the rpc/encoded SOAP mocks: reading calls, writing replies and faults."""
