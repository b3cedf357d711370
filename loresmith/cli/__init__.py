"""The command line: one file per verb, thin. Rules live in the stages; here they are only called and shown."""
