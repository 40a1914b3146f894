"""Post-matric scholarships: a fixed-width file every night, on an SFTP server."""
