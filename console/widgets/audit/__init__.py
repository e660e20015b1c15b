"""Workspace of the audit trail: who did what when from which machine, and whether its chain holds."""
