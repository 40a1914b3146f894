"""The state's SMS gateway. It sends nothing: it keeps the messages and shows them on a page."""
