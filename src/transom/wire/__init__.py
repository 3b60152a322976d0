"""What crosses the wire: structures declared once, their fields, and who may look on."""
