"""The window around the workspaces: login, top bar, status bar, commands, notifications."""
