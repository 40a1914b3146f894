"""New power connections: SOAP with Axis 1, rpc/encoded with multiRef; needs a login session."""
