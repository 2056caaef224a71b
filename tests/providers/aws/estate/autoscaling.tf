# Auto Scaling groups. Left out, for moto has none: notifications, warm pools, capacity reservations, maintenance policies.

resource "aws_launch_template" "autoscaling" {
  name          = "autoscaling-app"
  image_id      = "ami-12c6146b"
  instance_type = "t3.micro"
}

resource "aws_autoscaling_group" "rich" {
  name                      = "autoscaling-rich"
  min_size                  = 0
  max_size                  = 4
  desired_capacity          = 1
  vpc_zone_identifier       = [aws_subnet.a.id, aws_subnet.b.id]
  default_cooldown          = 120
  health_check_type         = "ELB"
  health_check_grace_period = 60
  termination_policies      = ["OldestInstance", "Default"]
  wait_for_capacity_timeout = "0"

  launch_template {
    id      = aws_launch_template.autoscaling.id
    version = "$Latest"
  }

  tag {
    key                 = "Name"
    value               = "autoscaling-rich"
    propagate_at_launch = true
  }

  tag {
    key                 = "Owner"
    value               = "web"
    propagate_at_launch = false
  }
}

resource "aws_autoscaling_lifecycle_hook" "rich" {
  name                   = "autoscaling-drain"
  autoscaling_group_name = aws_autoscaling_group.rich.name
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  default_result         = "CONTINUE"
  heartbeat_timeout      = 300
}

resource "aws_lb_target_group" "autoscaling" {
  name     = "autoscaling-app"
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_vpc.main.id
}

resource "aws_autoscaling_attachment" "rich" {
  autoscaling_group_name = aws_autoscaling_group.rich.name
  lb_target_group_arn    = aws_lb_target_group.autoscaling.arn
}

# Its desired capacity moves by itself.
resource "aws_autoscaling_group" "scaled" {
  name                      = "autoscaling-scaled"
  min_size                  = 0
  max_size                  = 3
  desired_capacity          = 0
  vpc_zone_identifier       = [aws_subnet.a.id]
  wait_for_capacity_timeout = "0"

  launch_template {
    name = aws_launch_template.autoscaling.name
  }

  tag {
    key                 = "k8s.io/cluster-autoscaler/enabled"
    value               = "true"
    propagate_at_launch = true
  }
}

resource "aws_autoscaling_group" "mixed" {
  name                      = "autoscaling-mixed"
  min_size                  = 0
  max_size                  = 2
  vpc_zone_identifier       = [aws_subnet.b.id]
  wait_for_capacity_timeout = "0"

  mixed_instances_policy {
    instances_distribution {
      on_demand_base_capacity                  = 1
      on_demand_percentage_above_base_capacity = 50
      spot_allocation_strategy                 = "capacity-optimized"
    }
    launch_template {
      launch_template_specification {
        launch_template_id = aws_launch_template.autoscaling.id
        version            = "$Latest"
      }
      override {
        instance_type     = "t3.small"
        weighted_capacity = "1"
      }
      override {
        instance_type     = "t3.medium"
        weighted_capacity = "2"
      }
    }
  }
}
