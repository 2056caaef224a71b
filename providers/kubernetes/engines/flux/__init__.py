"""Flux: what its Kustomizations and HelmReleases make, built as its controllers do."""
