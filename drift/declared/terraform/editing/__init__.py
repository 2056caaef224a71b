"""Has Terraform's files say what is live: finds the argument behind a difference, follows it to the literal
that gives its value, and replaces these bytes."""
