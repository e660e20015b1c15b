"""The filing standard from a spreadsheet, in the layout that such standards have: one row a condition.

`workbook.read_standard` reads the file, `planning.plan_standard` says line by line what would become of it, and
`planning.apply_standard` does exactly that in one transaction.
"""
