"""New power connections: SOAP of Axis 1, rpc/encoded with multiRef, with login sessions."""
