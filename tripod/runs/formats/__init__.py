"""Every file of a run: its keys with type, unit and meaning, each declared once; schemas are made of this."""
