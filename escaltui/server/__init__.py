"""The backend: what a team's workbenches share."""
