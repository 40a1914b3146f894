"""The Department of Fisheries for Citizen Hub: a manifest, no code."""
