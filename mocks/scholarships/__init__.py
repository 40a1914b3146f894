"""The scholarships department: REST that says 200 even when it means no."""
