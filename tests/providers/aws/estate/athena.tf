resource "aws_athena_workgroup" "athena_reports" {
  name          = "athena-reports"
  description   = "Reports"
  force_destroy = true
  tags          = { Team = "data" }
  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = false
    bytes_scanned_cutoff_per_query     = 10737418240
    result_configuration {
      output_location = "s3://athena-results/reports/"
      encryption_configuration {
        encryption_option = "SSE_S3"
      }
    }
  }
}

resource "aws_athena_named_query" "athena_orders" {
  name        = "orders-a-day"
  description = "Orders of each day"
  workgroup   = aws_athena_workgroup.athena_reports.id
  database    = "sales"
  query       = "SELECT day, count(*) FROM orders GROUP BY day;"
}
