"""Explaining changes nothing: not the model, not torch, not the process; keeps nothing alive, and can be interrupted anywhere."""
