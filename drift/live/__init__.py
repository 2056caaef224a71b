"""The live side: reads it through the providers, holds it for one run, writes it down."""
