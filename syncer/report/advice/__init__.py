"""What to change next week, a module for each kind of reason; `syncer.report.advice.rules` chooses among them. Pure."""
