"""Many things at once by an Excel file (R6)."""
