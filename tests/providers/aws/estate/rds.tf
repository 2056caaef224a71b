# One instance only: moto gives all of them the same resource id, by which the provider looks them up.
# A minimal one is in rds.yaml.

resource "aws_db_subnet_group" "rds_main" {
  name        = "rds-main"
  description = "Where databases live"
  subnet_ids  = [aws_subnet.a.id, aws_subnet.b.id]
  tags        = { Team = "data" }
}

resource "aws_db_parameter_group" "rds_mysql" {
  name        = "rds-mysql"
  family      = "mysql8.0"
  description = "Slow queries are logged"

  parameter {
    name  = "slow_query_log"
    value = "1"
  }
  parameter {
    name         = "max_connections"
    value        = "200"
    apply_method = "pending-reboot"
  }
}

resource "aws_rds_cluster_parameter_group" "rds_aurora" {
  name        = "rds-aurora"
  family      = "aurora-postgresql16"
  description = "Only TLS"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
}

resource "aws_db_instance" "rds_orders" {
  identifier                      = "rds-orders"
  engine                          = "mysql"
  engine_version                  = "8.0"
  instance_class                  = "db.t3.micro"
  allocated_storage               = 50
  max_allocated_storage           = 200
  storage_type                    = "gp3"
  storage_encrypted               = true
  kms_key_id                      = aws_kms_key.main.arn
  db_name                         = "orders"
  username                        = "keeper"
  password                        = "only-for-the-test"
  db_subnet_group_name            = aws_db_subnet_group.rds_main.name
  parameter_group_name            = aws_db_parameter_group.rds_mysql.name
  vpc_security_group_ids          = [aws_security_group.web.id]
  backup_retention_period         = 14
  backup_window                   = "03:00-04:00"
  maintenance_window              = "sun:05:00-sun:06:00"
  multi_az                        = true
  deletion_protection             = true
  copy_tags_to_snapshot           = true
  enabled_cloudwatch_logs_exports = ["error", "slowquery"]
  skip_final_snapshot             = true
  tags                            = { Team = "data" }
}

resource "aws_rds_cluster" "rds_aurora" {
  cluster_identifier              = "rds-aurora"
  engine                          = "aurora-postgresql"
  master_username                 = "keeper"
  master_password                 = "only-for-the-test"
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.rds_aurora.name
  backup_retention_period         = 7
  storage_encrypted               = true
  skip_final_snapshot             = true
  tags                            = { Team = "data" }
}
