"""Post-matric scholarships: a fixed-width file each night, on a real SFTP server."""
