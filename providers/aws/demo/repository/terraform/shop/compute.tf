resource "aws_instance" "roastery" {
  ami                    = "ami-785db401"
  instance_type          = "t3.small"
  subnet_id              = aws_subnet.private[0].id
  vpc_security_group_ids = [aws_security_group.app.id]
  iam_instance_profile   = aws_iam_instance_profile.app.name
  tags                   = { Name = "roastery", Owner = "roastery@larkspur.example" }
}

resource "aws_instance" "bastion" {
  ami                    = "ami-785db401"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.public[0].id
  vpc_security_group_ids = [aws_security_group.app.id]
  tags                   = { Name = "bastion", Owner = "platform@larkspur.example" }
}

resource "aws_ebs_volume" "roastery" {
  availability_zone = "eu-west-1a"
  size              = 40
  type              = "gp3"
  encrypted         = true
  kms_key_id        = aws_kms_key.shop.arn
  tags              = { Name = "roastery-data", Owner = "roastery@larkspur.example" }
}

resource "aws_volume_attachment" "roastery" {
  device_name = "/dev/sdf"
  instance_id = aws_instance.roastery.id
  volume_id   = aws_ebs_volume.roastery.id
}

resource "aws_launch_template" "shop" {
  name                   = "shop"
  image_id               = "ami-785db401"
  instance_type          = "t3.small"
  update_default_version = true
  vpc_security_group_ids = [aws_security_group.app.id]
}

resource "aws_autoscaling_group" "shop" {
  name                = "shop"
  min_size            = 1
  max_size            = 4
  desired_capacity    = 1
  vpc_zone_identifier = [aws_subnet.private[0].id, aws_subnet.private[1].id]
  launch_template {
    id      = aws_launch_template.shop.id
    version = "$Latest"
  }
  tag {
    key                 = "Owner"
    value               = "web@larkspur.example"
    propagate_at_launch = true
  }
}

resource "aws_lb" "shop" {
  name               = "shop"
  load_balancer_type = "application"
  subnets            = aws_subnet.public[*].id
  security_groups    = [aws_security_group.web.id]
}

resource "aws_lb_target_group" "shop" {
  name     = "shop"
  port     = 8080
  protocol = "HTTP"
  vpc_id   = aws_vpc.main.id
  health_check {
    path = "/healthz"
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.shop.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.shop.arn
  }
}

resource "aws_ecr_repository" "shop" {
  name                 = "shop"
  image_tag_mutability = "IMMUTABLE"
  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecs_cluster" "shop" {
  name = "shop"
}

resource "aws_lambda_function" "menu" {
  function_name = "menu"
  role          = aws_iam_role.functions.arn
  runtime       = "python3.12"
  handler       = "menu.handler"
  filename      = "${path.module}/menu.zip"
  timeout       = 10
  memory_size   = 256
  environment {
    variables = {
      STAGE            = "production"
      ROASTERY_API_KEY = var.roastery_api_key
    }
  }
}
