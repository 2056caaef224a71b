"""Editors of Kubernetes' declared languages: manifests, Kustomize folders and Helm's values."""
