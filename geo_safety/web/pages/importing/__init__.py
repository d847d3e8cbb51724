"""The parts of the import page: what is on its way in, the form for it, and what each step shows."""
