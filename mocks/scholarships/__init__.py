"""The scholarships department: REST that reports failures with HTTP 200."""
