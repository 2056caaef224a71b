resource "aws_vpc" "this" {
  cidr_block = "10.1.0.0/16"
}

resource "aws_security_group" "inline" {
  name   = "lifecycle-inline"
  vpc_id = aws_vpc.this.id
  tags   = { Name = "inline" }
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
  lifecycle {
    ignore_changes = [ingress]
  }
}

module "again" {
  source = "../queue"
}
