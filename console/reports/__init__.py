"""What leaves the console: lists as spreadsheets."""
