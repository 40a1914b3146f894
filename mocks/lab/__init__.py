"""The lab: commands that run the mock departments, alone or together with a hub.

The lab starts the hub as a child process (`python -m hub serve`) and uses it over HTTP only.
"""
