# Amazon ECR.

resource "aws_ecr_repository" "plain" {
  name = "ecr-plain"
}

resource "aws_ecr_repository" "rich" {
  name                 = "ecr/rich"
  image_tag_mutability = "IMMUTABLE"
  image_scanning_configuration {
    scan_on_push = true
  }
  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.main.arn
  }
  tags = {
    Data = "images"
  }
}

resource "aws_ecr_repository_policy" "rich" {
  repository = aws_ecr_repository.rich.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Pull"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::123456789012:root" }
      Action    = ["ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"]
    }]
  })
}

resource "aws_ecr_lifecycle_policy" "rich" {
  repository = aws_ecr_repository.rich.name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "keep ten"
      selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 10 }
      action       = { type = "expire" }
    }]
  })
}
