"""Evidence of cases at the desk: a strip of small pictures, looked at in full, and attached."""
