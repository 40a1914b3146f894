"""Water and sewer connections of the urban local bodies: PHP's SoapServer, rpc/encoded."""
