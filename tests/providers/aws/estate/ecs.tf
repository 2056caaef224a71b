# Services are in ecs.yaml: the provider (5.100) crashes on moto's answer, which has no deployment configuration.

resource "aws_ecs_cluster" "ecs_main" {
  name = "ecs-main"
  tags = { Team = "web" }

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ecs_cluster_capacity_providers" "ecs_main" {
  cluster_name       = aws_ecs_cluster.ecs_main.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]

  default_capacity_provider_strategy {
    capacity_provider = "FARGATE"
    base              = 1
    weight            = 100
  }
}

resource "aws_ecs_cluster" "ecs_plain" {
  name = "ecs-plain"
}

resource "aws_ecs_task_definition" "ecs_web" {
  family                   = "ecs-web"
  cpu                      = "256"
  memory                   = "512"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  execution_role_arn       = aws_iam_role.app.arn
  tags                     = { Team = "web" }

  container_definitions = jsonencode([{
    name         = "web"
    image        = "nginx:1.27"
    cpu          = 128
    memory       = 256
    essential    = true
    portMappings = [{ containerPort = 80, hostPort = 80, protocol = "tcp" }]
    environment  = [{ name = "STAGE", value = "prod" }, { name = "API_TOKEN", value = "not-for-reports" }]
  }])
}

resource "aws_ecs_task_definition" "ecs_plain" {
  family                = "ecs-plain"
  container_definitions = jsonencode([{ name = "job", image = "busybox", memory = 64, essential = true }])
}

resource "aws_ecs_capacity_provider" "ecs_spot" {
  name = "ecs-spot"
  tags = { Team = "shop" }
  auto_scaling_group_provider {
    auto_scaling_group_arn         = "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:3f4e9a52-5a39-4c7e-9d0a-0a2b1c3d4e5f:autoScalingGroupName/ecs-spot"
    managed_termination_protection = "DISABLED"
    managed_scaling {
      status                    = "ENABLED"
      target_capacity           = 80
      instance_warmup_period    = 60
      minimum_scaling_step_size = 1
      maximum_scaling_step_size = 10
    }
  }
}
