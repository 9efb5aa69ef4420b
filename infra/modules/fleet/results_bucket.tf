# What was measured. Keys are write-once; versions are kept beside, since a mistake with a key must
# not cost a measurement.

resource "aws_s3_bucket" "results" {
  bucket_prefix = "perfleet-${var.environment}-results-"
}

resource "aws_s3_bucket_versioning" "results" {
  bucket = aws_s3_bucket.results.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "results" {
  bucket = aws_s3_bucket.results.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_notification" "results" {
  bucket = aws_s3_bucket.results.id

  queue {
    queue_arn     = aws_sqs_queue.functions["ingest"].arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = "results/"
  }

  depends_on = [aws_sqs_queue_policy.ingest]
}

resource "aws_sqs_queue_policy" "ingest" {
  queue_url = aws_sqs_queue.functions["ingest"].id
  policy    = data.aws_iam_policy_document.ingest.json
}

data "aws_iam_policy_document" "ingest" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.functions["ingest"].arn]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_s3_bucket.results.arn]
    }
  }
}
