"""The hooks and the Action, on repositories made for the purpose."""
