"""One folder a cloud: all that is known of a cloud is there and nowhere else."""
