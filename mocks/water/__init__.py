"""Water and sewer connections of the Urban Local Bodies: SOAP with PHP, rpc/encoded."""
