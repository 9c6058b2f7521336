"""The whole contract: against a plain model, by what the description allows, by a client."""
