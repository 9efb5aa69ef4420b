# Terraform's state. Older versions stay, for the day on which one was overwritten by mistake.

resource "aws_s3_bucket" "state" {
  bucket_prefix = "perfleet-${var.environment}-state-"

  lifecycle {
    prevent_destroy = true
  }
}

module "state_bucket_guard" {
  source = "../modules/private_bucket"

  bucket            = aws_s3_bucket.state.id
  bucket_arn        = aws_s3_bucket.state.arn
  old_versions_days = 365
}
