"""`hub documents`: registers, checks and lists trusted documents."""
