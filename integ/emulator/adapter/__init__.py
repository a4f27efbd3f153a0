"""Adds to MiniStack's CloudFormation what it lacks. Start with `python -m adapter`; `table.py` says what is added."""
