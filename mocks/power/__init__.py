"""New power connections: Axis 1, rpc/encoded with multiRef, behind a login session."""
