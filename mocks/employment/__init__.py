"""Employment exchanges: a CSV each half hour that holds ninety minutes of rows."""
