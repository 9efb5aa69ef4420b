# What was measured, and what was computed from it. Keys are write-once; versions are kept beside,
# since a mistake with a key must not cost a measurement.

resource "aws_s3_bucket" "data" {
  bucket_prefix = "perfleet-${var.environment}-results-"

  lifecycle {
    prevent_destroy = true
  }
}

module "data_bucket_guard" {
  source = "../private_bucket"

  bucket        = aws_s3_bucket.data.id
  bucket_arn    = aws_s3_bucket.data.arn
  access_policy = one(data.aws_iam_policy_document.cdn_reads_series[*].json)

  # How long an object may stay, by the prefix of its key. Everything else stays.
  expiry_days = {
    # Raw profiles are large and read soon, if ever; their totals are kept in the results.
    "self-profile/" = 30
    # Read when a job failed, which is noticed within weeks.
    "logs/" = 180
  }
}

resource "aws_s3_bucket_notification" "data" {
  bucket = aws_s3_bucket.data.id

  queue {
    queue_arn     = aws_sqs_queue.functions["ingest"].arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = "results/"
  }

  # S3 tries the queue before it takes the notification.
  depends_on = [aws_sqs_queue_policy.queues]
}
