"""Plain frozen dataclasses that describe things: nothing here reads, computes or draws."""
