"""JT/T 808, the protocol of GPS terminals in vehicles, editions of 2013 and 2019: frames, messages, positions."""
