"""One module per job a person does; the only place where store and analysis meet."""
