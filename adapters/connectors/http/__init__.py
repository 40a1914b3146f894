"""The parts that all HTTP protocols share: transport, authentication, pages, XML and X-Road."""
