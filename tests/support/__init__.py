"""What tests of every area share: processes, fake servers and call contexts."""
