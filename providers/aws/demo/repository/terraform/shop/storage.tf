resource "aws_kms_key" "shop" {
  description             = "Data of the shop"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "shop" {
  name          = "alias/shop"
  target_key_id = aws_kms_key.shop.key_id
}

resource "aws_s3_bucket" "photos" {
  bucket = "larkspur-photos"
}

resource "aws_s3_bucket_versioning" "photos" {
  bucket = aws_s3_bucket.photos.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "photos" {
  bucket                  = aws_s3_bucket.photos.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket" "invoices" {
  bucket = "larkspur-invoices"
  tags   = { Owner = "finance@larkspur.example" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "invoices" {
  bucket = aws_s3_bucket.invoices.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.shop.arn
    }
    bucket_key_enabled = true
  }
}

resource "aws_s3_bucket_public_access_block" "invoices" {
  bucket                  = aws_s3_bucket.invoices.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_db_subnet_group" "shop" {
  name       = "shop"
  subnet_ids = aws_subnet.private[*].id
  tags       = { Owner = "data@larkspur.example" }
}

resource "aws_db_instance" "shop" {
  identifier              = "shop"
  engine                  = "postgres"
  engine_version          = "16.3"
  instance_class          = "db.t3.medium"
  allocated_storage       = 50
  storage_type            = "gp3"
  storage_encrypted       = true
  db_name                 = "shop"
  username                = "shop"
  password                = var.database_password
  db_subnet_group_name    = aws_db_subnet_group.shop.name
  vpc_security_group_ids  = [aws_security_group.database.id]
  backup_retention_period = 14
  deletion_protection     = true
  skip_final_snapshot     = true
  tags                    = { Owner = "data@larkspur.example" }
}

resource "aws_secretsmanager_secret" "database" {
  name        = "shop/database"
  description = "Password of the shop's database"
  kms_key_id  = aws_kms_key.shop.arn
  tags        = { Owner = "data@larkspur.example" }
}

resource "aws_secretsmanager_secret_version" "database" {
  secret_id     = aws_secretsmanager_secret.database.id
  secret_string = var.database_password
}

resource "aws_ssm_parameter" "currency" {
  name  = "/shop/currency"
  type  = "String"
  value = "EUR"
}
