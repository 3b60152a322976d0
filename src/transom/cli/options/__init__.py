"""Options that belong together, and what they come to: TLS and trust, logins, patience, the way to a server."""
