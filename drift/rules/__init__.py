"""What users say of findings: which differences they accept, how severe the others are, whose they are."""
