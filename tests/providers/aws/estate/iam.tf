# AWS IAM. `app` is for the other files of the estate, too.

resource "aws_iam_role" "app" {
  name        = "iam-app"
  path        = "/estate/"
  description = "what the estate runs as"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = "sts:AssumeRole"
      Principal = {
        Service = [
          "ec2.amazonaws.com", "ecs-tasks.amazonaws.com", "events.amazonaws.com", "lambda.amazonaws.com",
          "scheduler.amazonaws.com", "states.amazonaws.com",
        ]
      }
    }]
  })
  max_session_duration = 7200
  permissions_boundary = aws_iam_policy.boundary.arn
  tags = {
    Data = "none"
  }
}

resource "aws_iam_role_policy" "app" {
  name = "read-orders"
  role = aws_iam_role.app.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Read"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:ListBucket"]
      Resource = "*"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "app" {
  role       = aws_iam_role.app.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"
}

resource "aws_iam_role_policy_attachment" "app_own" {
  role       = aws_iam_role.app.name
  policy_arn = aws_iam_policy.own.arn
}

resource "aws_iam_role" "plain" {
  name = "iam-plain"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::123456789012:root" } }]
  })
}

resource "aws_iam_role" "inline" {
  name = "iam-inline"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
  managed_policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
  inline_policy {
    name = "deny"
    policy = jsonencode({
      Version   = "2012-10-17"
      Statement = { Effect = "Deny", Action = "iam:*", Resource = "*" }
    })
  }
}

resource "aws_iam_service_linked_role" "autoscaling" {
  aws_service_name = "autoscaling.amazonaws.com"
}

resource "aws_iam_policy" "own" {
  name        = "iam-own"
  path        = "/estate/"
  description = "write orders"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = ["arn:aws:s3:::b/*", "arn:aws:s3:::a/*"] }]
  })
  tags = {
    Data = "orders"
  }
}

resource "aws_iam_policy" "boundary" {
  name = "iam-boundary"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "All", Effect = "Allow", NotAction = ["iam:*"], Resource = "*" }]
  })
}

resource "aws_iam_policy" "shared" {
  name = "iam-shared"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["sts:GetCallerIdentity"], Resource = "*" }]
  })
}

resource "aws_iam_policy_attachment" "shared" {
  name       = "iam-shared"
  policy_arn = aws_iam_policy.shared.arn
  users      = [aws_iam_user.ann.name]
  groups     = [aws_iam_group.ops.name]
}

resource "aws_iam_user" "ann" {
  name = "iam-ann"
  path = "/people/"
  tags = {
    Team = "platform"
  }
}

resource "aws_iam_user_policy" "ann" {
  name   = "self"
  user   = aws_iam_user.ann.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "iam:ChangePassword", Resource = "*" }] })
}

resource "aws_iam_user_policy_attachment" "ann" {
  user       = aws_iam_user.ann.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_user_group_membership" "ann" {
  user   = aws_iam_user.ann.name
  groups = [aws_iam_group.ops.name, aws_iam_group.plain.name]
}

resource "aws_iam_user_login_profile" "ann" {
  user                    = aws_iam_user.ann.name
  password_reset_required = true
  password_length         = 24
}

resource "aws_iam_access_key" "robot" {
  user = aws_iam_user.robot.name
}

resource "aws_iam_user" "robot" {
  name = "iam-robot"
}

resource "aws_iam_group" "ops" {
  name = "iam-ops"
  path = "/people/"
}

resource "aws_iam_group_policy" "ops" {
  name   = "logs"
  group  = aws_iam_group.ops.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "logs:Get*", Resource = "*" }] })
}

resource "aws_iam_group_policy_attachment" "ops" {
  group      = aws_iam_group.ops.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_group" "plain" {
  name = "iam-everybody"
}

resource "aws_iam_instance_profile" "app" {
  name = "iam-app"
  role = aws_iam_role.plain.name
  tags = {
    Data = "none"
  }
}

resource "aws_iam_openid_connect_provider" "forge" {
  url             = "https://forge.example.com"
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = ["cf23df2207d99a74fbe169e3eba035e633b65d94"]
}

resource "aws_iam_saml_provider" "office" {
  name = "iam-office"
  saml_metadata_document = join("", [
    "<?xml version=\"1.0\"?><EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"https://idp.example.com\">",
    "<IDPSSODescriptor>", join("", [for n in range(80) : "<KeyDescriptor use=\"signing\"/>"]), "</IDPSSODescriptor>",
    "</EntityDescriptor>",
  ])
}
