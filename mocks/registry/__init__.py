"""The Family ID register: REST and JSON, batches of at most 50."""
