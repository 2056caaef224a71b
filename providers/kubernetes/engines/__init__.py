"""What deployers (Flux, Argo CD, Jenkins X, Spinnaker) make of a repository, followed to its end."""
