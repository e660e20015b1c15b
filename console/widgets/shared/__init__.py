"""What several workspaces use: database operations, the look, words for codes, figures, charts."""
