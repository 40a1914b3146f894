"""What departments that leave files have in common: a folder of drops, and how it goes wrong."""
