"""The dispatch workspace: the queue of cases, one case in full, the figures of today."""
