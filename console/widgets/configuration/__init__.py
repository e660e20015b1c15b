"""The workspace of configuration (应用维护): what the administrator keeps up to date."""
