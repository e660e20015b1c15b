"""Configuration (应用维护): what the administrator edits.

The filing standard, departments, posts and their logins, the working calendar, settings and set phrases: drafts that
two people can keep at once, and spreadsheets in and out.
"""
