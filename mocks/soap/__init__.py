"""What the rpc/encoded SOAP mocks share: reading a call, writing a reply or a Fault."""
