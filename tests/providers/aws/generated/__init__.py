"""Bodies that are generated from CloudFormation schemas, and what a faithful service answers of them."""
