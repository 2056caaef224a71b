resource "aws_glue_catalog_database" "glue_sales" {
  name         = "glue_sales"
  description  = "Sales"
  location_uri = "s3://glue-sales/data"
}

resource "aws_glue_catalog_table" "glue_orders" {
  name          = "orders"
  database_name = aws_glue_catalog_database.glue_sales.name
  description   = "Orders"
  table_type    = "EXTERNAL_TABLE"
  parameters    = { EXTERNAL = "TRUE" }
  partition_keys {
    name = "day"
    type = "string"
  }
  storage_descriptor {
    location      = "s3://glue-sales/data/orders"
    input_format  = "org.apache.hadoop.mapred.TextInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
    columns {
      name    = "id"
      type    = "bigint"
      comment = "Number"
    }
    columns {
      name = "total"
      type = "double"
    }
    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
      parameters            = { "field.delim" = "," }
    }
  }
}

resource "aws_glue_crawler" "glue_sales" {
  name          = "glue-sales"
  database_name = aws_glue_catalog_database.glue_sales.name
  role          = aws_iam_role.app.arn
  schedule      = "cron(0 2 * * ? *)"
  tags          = { Team = "data" }
  s3_target {
    path       = "s3://glue-sales/data"
    exclusions = ["tmp/**"]
  }
  schema_change_policy {
    delete_behavior = "LOG"
    update_behavior = "UPDATE_IN_DATABASE"
  }
}

resource "aws_glue_job" "glue_load" {
  name              = "glue-load"
  description       = "Loads"
  role_arn          = aws_iam_role.app.arn
  glue_version      = "4.0"
  worker_type       = "G.1X"
  number_of_workers = 2
  timeout           = 60
  default_arguments = { "--stage" = "prod" }
  tags              = { Team = "data" }
  command {
    script_location = "s3://glue-sales/load.py"
    python_version  = "3"
  }
  execution_property {
    max_concurrent_runs = 1
  }
}

resource "aws_glue_connection" "glue_shop" {
  name                  = "glue-shop"
  description           = "The shop's database"
  connection_properties = { JDBC_CONNECTION_URL = "jdbc:mysql://db.example.org/shop", USERNAME = "reader" }
}

resource "aws_glue_trigger" "glue_nightly" {
  name     = "glue-nightly"
  type     = "SCHEDULED"
  schedule = "cron(15 12 * * ? *)"
  actions {
    job_name  = aws_glue_job.glue_load.name
    arguments = { "--full" = "true" }
  }
}

resource "aws_glue_security_configuration" "glue_sealed" {
  name = "glue-sealed"
  encryption_configuration {
    cloudwatch_encryption {
      cloudwatch_encryption_mode = "DISABLED"
    }
    job_bookmarks_encryption {
      job_bookmarks_encryption_mode = "DISABLED"
    }
    s3_encryption {
      s3_encryption_mode = "SSE-S3"
    }
  }
}
