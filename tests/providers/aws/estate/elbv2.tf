# Load balancers, target groups, listeners and rules.

resource "aws_internet_gateway" "elbv2" {
  vpc_id = aws_vpc.elbv2.id
}

resource "aws_vpc" "elbv2" {
  cidr_block = "10.20.0.0/16"
}

resource "aws_subnet" "elbv2_a" {
  vpc_id            = aws_vpc.elbv2.id
  cidr_block        = "10.20.1.0/24"
  availability_zone = "us-east-1a"
}

resource "aws_subnet" "elbv2_b" {
  vpc_id            = aws_vpc.elbv2.id
  cidr_block        = "10.20.2.0/24"
  availability_zone = "us-east-1b"
}

resource "aws_security_group" "elbv2" {
  name   = "elbv2"
  vpc_id = aws_vpc.elbv2.id
}

resource "aws_security_group" "elbv2_other" {
  name   = "elbv2-other"
  vpc_id = aws_vpc.elbv2.id
}

resource "aws_lb" "rich" {
  name                       = "elbv2-rich"
  internal                   = true
  subnets                    = [aws_subnet.elbv2_a.id, aws_subnet.elbv2_b.id]
  security_groups            = [aws_security_group.elbv2.id]
  idle_timeout               = 120
  drop_invalid_header_fields = true
  tags                       = { Owner = "web" }
}

resource "aws_lb" "minimal" {
  name               = "elbv2-network"
  load_balancer_type = "network"
  subnets            = [aws_subnet.elbv2_a.id]
}

resource "aws_lb_target_group" "rich" {
  name                 = "elbv2-rich"
  port                 = 8080
  protocol             = "HTTP"
  vpc_id               = aws_vpc.elbv2.id
  target_type          = "ip"
  deregistration_delay = 30
  tags                 = { Owner = "web" }

  health_check {
    path                = "/health"
    matcher             = "200-299"
    interval            = 15
    timeout             = 4
    healthy_threshold   = 2
    unhealthy_threshold = 4
  }

  stickiness {
    type            = "lb_cookie"
    cookie_duration = 3600
  }
}

resource "aws_lb_target_group" "minimal" {
  name     = "elbv2-minimal"
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_vpc.elbv2.id
}

resource "aws_lb_target_group" "network" {
  name        = "elbv2-network"
  port        = 53
  protocol    = "TCP"
  vpc_id      = aws_vpc.elbv2.id
  target_type = "ip"
}

resource "aws_lb_target_group_attachment" "rich" {
  target_group_arn = aws_lb_target_group.rich.arn
  target_id        = "10.20.1.10"
  port             = 9090
}

resource "aws_lb_target_group_attachment" "same_port" {
  target_group_arn = aws_lb_target_group.rich.arn
  target_id        = "10.20.1.11"
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.rich.arn
  port              = 80
  protocol          = "HTTP"
  tags              = { Owner = "web" }

  default_action {
    type = "redirect"
    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "app" {
  load_balancer_arn = aws_lb.rich.arn
  port              = 8080
  protocol          = "HTTP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.minimal.arn
  }
}

resource "aws_lb_listener" "network" {
  load_balancer_arn = aws_lb.minimal.arn
  port              = 53
  protocol          = "TCP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.network.arn
  }
}

resource "aws_lb_listener_rule" "weighted" {
  listener_arn = aws_lb_listener.app.arn
  priority     = 10

  action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.rich.arn
        weight = 80
      }
      target_group {
        arn    = aws_lb_target_group.minimal.arn
        weight = 20
      }
    }
  }

  condition {
    path_pattern {
      values = ["/api/*", "/v2/*"]
    }
  }

  condition {
    host_header {
      values = ["app.example.com"]
    }
  }
}

resource "aws_lb_listener_rule" "fixed" {
  listener_arn = aws_lb_listener.app.arn
  priority     = 20

  action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      message_body = "gone"
      status_code  = "410"
    }
  }

  condition {
    path_pattern {
      values = ["/old/*"]
    }
  }
}
