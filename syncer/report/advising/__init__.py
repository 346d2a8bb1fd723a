"""What to change next week, a module for each kind of reason; `syncer.report.advice` chooses among them. Pure."""
