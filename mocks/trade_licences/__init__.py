"""Trade licences of the Urban Local Bodies: ServicePlus records, served behind X-Road."""
