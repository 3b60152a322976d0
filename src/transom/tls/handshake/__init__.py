"""The handshake as scripts, one for each role and version, and the driver that plays them.

A script reads top to bottom beside the RFC's diagram. It yields steps (`steps.py`); the driver sends, receives,
installs keys and turns an error into its alert. What is allowed is judged in the scripts and in `checks.py`.
"""
