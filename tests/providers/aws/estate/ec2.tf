# Amazon EC2: a network as people lay it out, what runs in it, and the resources of the default VPC.
# Left out, for moto has none: tags of DHCP options and launch templates, detailed monitoring and protection of
# instances, ICMP entries of network ACLs, dns_options of endpoints, IPv6 networks added later.

resource "aws_vpc" "main" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "ec2-main", Owner = "network" }
}

resource "aws_subnet" "a" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "us-east-1a"
  tags              = { Name = "ec2-a" }
}

resource "aws_subnet" "b" {
  vpc_id                  = aws_vpc.main.id
  cidr_block              = "10.0.2.0/24"
  availability_zone       = "us-east-1b"
  map_public_ip_on_launch = true
}

# Rules in all the ways that people write them: inline here, and apart below.
resource "aws_security_group" "web" {
  name        = "ec2-web"
  description = "web servers"
  vpc_id      = aws_vpc.main.id
  tags        = { Name = "ec2-web" }

  ingress {
    description = "https"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0", "10.0.0.0/8"]
  }

  ingress {
    from_port = 0
    to_port   = 0
    protocol  = "-1"
    self      = true
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_vpc" "minimal" {
  cidr_block = "10.9.0.0/16"
}

resource "aws_vpc_ipv4_cidr_block_association" "more" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.1.0.0/16"
}

resource "aws_security_group" "minimal" {
  vpc_id = aws_vpc.minimal.id
}

resource "aws_security_group" "apart" {
  name_prefix = "ec2-apart-"
  vpc_id      = aws_vpc.main.id
}

resource "aws_security_group_rule" "ssh" {
  security_group_id = aws_security_group.apart.id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_blocks       = ["10.0.0.0/16", "10.1.0.0/16"]
  description       = "ssh from inside"
}

resource "aws_security_group_rule" "from_web" {
  security_group_id        = aws_security_group.apart.id
  type                     = "ingress"
  protocol                 = "tcp"
  from_port                = 8080
  to_port                  = 8081
  source_security_group_id = aws_security_group.web.id
}

resource "aws_security_group_rule" "out" {
  security_group_id = aws_security_group.apart.id
  type              = "egress"
  protocol          = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_blocks       = ["0.0.0.0/0"]
}

resource "aws_security_group" "modern" {
  name   = "ec2-modern"
  vpc_id = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "http" {
  security_group_id = aws_security_group.modern.id
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
  cidr_ipv4         = "10.0.0.0/8"
  description       = "http from inside"
}

resource "aws_vpc_security_group_ingress_rule" "group" {
  security_group_id            = aws_security_group.modern.id
  ip_protocol                  = "udp"
  from_port                    = 53
  to_port                      = 53
  referenced_security_group_id = aws_security_group.web.id
}

resource "aws_vpc_security_group_egress_rule" "all" {
  security_group_id = aws_security_group.modern.id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
  tags   = { Name = "ec2-main" }
}

resource "aws_internet_gateway" "minimal" {
}

resource "aws_internet_gateway_attachment" "minimal" {
  vpc_id              = aws_vpc.minimal.id
  internet_gateway_id = aws_internet_gateway.minimal.id
}

resource "aws_route_table" "inline" {
  vpc_id = aws_vpc.main.id
  tags   = { Name = "ec2-inline" }

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}

resource "aws_route_table" "apart" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route" "nat" {
  route_table_id         = aws_route_table.apart.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.main.id
}

resource "aws_route_table_association" "a" {
  route_table_id = aws_route_table.inline.id
  subnet_id      = aws_subnet.a.id
}

resource "aws_route_table_association" "b" {
  route_table_id = aws_route_table.apart.id
  subnet_id      = aws_subnet.b.id
}

resource "aws_default_route_table" "minimal" {
  default_route_table_id = aws_vpc.minimal.default_route_table_id
  tags                   = { Name = "ec2-default" }

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.minimal.id
  }

  depends_on = [aws_internet_gateway_attachment.minimal]
}

resource "aws_default_security_group" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_default_network_acl" "minimal" {
  default_network_acl_id = aws_vpc.minimal.default_network_acl_id

  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }
}

resource "aws_network_acl" "inline" {
  vpc_id     = aws_vpc.main.id
  subnet_ids = [aws_subnet.a.id]
  tags       = { Name = "ec2-inline" }

  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    cidr_block = "10.0.0.0/8"
    from_port  = 443
    to_port    = 443
  }

  egress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }
}

resource "aws_network_acl" "apart" {
  vpc_id = aws_vpc.main.id
}

resource "aws_network_acl_rule" "ssh" {
  network_acl_id = aws_network_acl.apart.id
  rule_number    = 200
  protocol       = "tcp"
  rule_action    = "deny"
  cidr_block     = "0.0.0.0/0"
  from_port      = 22
  to_port        = 22
}

resource "aws_network_acl_rule" "out" {
  network_acl_id = aws_network_acl.apart.id
  rule_number    = 210
  egress         = true
  protocol       = "-1"
  rule_action    = "allow"
  cidr_block     = "10.0.0.0/8"
}

resource "aws_vpc_dhcp_options" "main" {
  domain_name         = "corp.example.com"
  domain_name_servers = ["10.0.0.2", "AmazonProvidedDNS"]
  ntp_servers         = ["10.0.0.3"]
}

resource "aws_vpc_dhcp_options" "minimal" {
  domain_name_servers = ["10.9.0.2"]
}

resource "aws_vpc_dhcp_options_association" "main" {
  vpc_id          = aws_vpc.main.id
  dhcp_options_id = aws_vpc_dhcp_options.main.id
}

resource "aws_eip" "nat" {
  domain = "vpc"
  tags   = { Name = "ec2-nat" }
}

resource "aws_eip" "instance" {
  domain = "vpc"
}

resource "aws_eip_association" "instance" {
  allocation_id = aws_eip.instance.id
  instance_id   = aws_instance.rich.id
}

resource "aws_nat_gateway" "main" {
  allocation_id = aws_eip.nat.id
  subnet_id     = aws_subnet.a.id
  tags          = { Name = "ec2-main" }
}

resource "aws_nat_gateway" "private" {
  subnet_id         = aws_subnet.b.id
  connectivity_type = "private"
}

resource "aws_key_pair" "main" {
  key_name   = "ec2-main"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl someone@example.com"
  tags       = { Owner = "ops" }
}

resource "aws_key_pair" "minimal" {
  key_name   = "ec2-minimal"
  public_key = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDH1Zq3DgwLVfN5Z3kBmVY0JFzd1yCmJ5rHHgT5wYcOG4mPnSbmWrZC6hKqBjzNQcbO3sPc4xuT1ePEqsYVVWHzJ0U1f5t5oVPpLZ8eg5bVv4y4K8rP0Zb9WdWOGAEmEJ0mJZyo3mTf0BhPV5dHgN2q7TsBvzJzU4lqEr9gq3kQ5w=="
}

resource "aws_iam_role" "ec2_instance" {
  name = "ec2-instance"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_instance_profile" "ec2" {
  name = "ec2-instance"
  role = aws_iam_role.ec2_instance.name
}

resource "aws_instance" "rich" {
  ami                    = "ami-12c6146b"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.a.id
  vpc_security_group_ids = [aws_security_group.web.id, aws_security_group.apart.id]
  key_name               = aws_key_pair.main.key_name
  iam_instance_profile   = aws_iam_instance_profile.ec2.name
  user_data              = "#!/bin/sh\necho hello, world\n"
  tags                   = { Name = "ec2-rich", Owner = "web" }

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
  }

  root_block_device {
    volume_size = 20
    volume_type = "gp3"
  }
}

resource "aws_instance" "minimal" {
  ami           = "ami-12c6146b"
  instance_type = "m5.large"
  subnet_id     = aws_subnet.b.id
}

resource "aws_ebs_volume" "data" {
  availability_zone = "us-east-1a"
  size              = 40
  type              = "gp3"
  iops              = 4000
  encrypted         = true
  kms_key_id        = aws_kms_key.main.arn
  tags              = { Name = "ec2-data" }
}

resource "aws_ebs_volume" "minimal" {
  availability_zone = "us-east-1a"
  size              = 8

  lifecycle {
    ignore_changes = [tags] # aws_ec2_tag.data says the others
  }
}

resource "aws_volume_attachment" "data" {
  device_name = "/dev/sdf"
  volume_id   = aws_ebs_volume.data.id
  instance_id = aws_instance.rich.id
}

resource "aws_ec2_tag" "data" {
  resource_id = aws_ebs_volume.minimal.id
  key         = "Backup"
  value       = "daily"
}

resource "aws_launch_template" "rich" {
  name                   = "ec2-rich"
  description            = "web servers"
  image_id               = "ami-12c6146b"
  instance_type          = "t3.small"
  key_name               = aws_key_pair.main.key_name
  user_data              = base64encode("#!/bin/sh\necho launched\n")
  vpc_security_group_ids = [aws_security_group.web.id]
  ebs_optimized          = true

  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      volume_size           = 20
      volume_type           = "gp3"
      encrypted             = true
      delete_on_termination = true
    }
  }

  iam_instance_profile {
    name = aws_iam_instance_profile.ec2.name
  }

  metadata_options {
    http_tokens   = "required"
    http_endpoint = "enabled"
  }

  monitoring {
    enabled = true
  }

  tag_specifications {
    resource_type = "instance"
    tags          = { Name = "ec2-launched", "my_key" = "x" }
  }
}

resource "aws_launch_template" "minimal" {
  name = "ec2-minimal"
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.us-east-1.s3"
  route_table_ids = [aws_route_table.apart.id]
  tags            = { Name = "ec2-s3" }
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "arn:aws:s3:::ec2-only/*" }]
  })
}

resource "aws_vpc_endpoint" "ssm" {
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.us-east-1.ssm"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = [aws_subnet.a.id]
  security_group_ids  = [aws_security_group.web.id]
  private_dns_enabled = true
}

resource "aws_cloudwatch_log_group" "ec2_flow" {
  name = "/ec2/flow"
}

resource "aws_flow_log" "vpc" {
  vpc_id               = aws_vpc.main.id
  traffic_type         = "ALL"
  iam_role_arn         = aws_iam_role.ec2_instance.arn
  log_destination      = aws_cloudwatch_log_group.ec2_flow.arn
  log_destination_type = "cloud-watch-logs"
  tags                 = { Name = "ec2-flow" }
}

resource "aws_default_vpc" "default" {
}
