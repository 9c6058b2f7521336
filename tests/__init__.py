"""The tests: this directory mirrors service/, and each name is the sentence that holds."""
