"""Water and sewer connections of the Urban Local Bodies: SOAP of PHP, rpc/encoded."""
