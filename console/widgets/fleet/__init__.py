"""The workspace of the muck trucks: where each is, what it carries, how the fleet works."""
