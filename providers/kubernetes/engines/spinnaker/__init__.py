"""Spinnaker: what its pipelines and its way of deploying make of manifests in Git."""
