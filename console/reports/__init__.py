"""What leaves the console: spreadsheets, printed pages, maps."""
