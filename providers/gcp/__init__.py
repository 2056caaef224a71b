"""All that is known of Google Cloud."""
