"""What the rpc/encoded SOAP mocks share: reading calls, writing replies and faults."""
