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
