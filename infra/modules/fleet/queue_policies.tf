# Every queue is spoken to by TLS alone, and S3 may tell the ingest queue what landed.

locals {
  queues = merge(
    { for id, queue in aws_sqs_queue.jobs : "jobs/${id}" => queue },
    { for id, queue in aws_sqs_queue.job_dead_letters : "dead/${id}" => queue },
    { for name, queue in aws_sqs_queue.functions : name => queue },
    { for name, queue in aws_sqs_queue.function_dead_letters : "${name}/dead" => queue },
  )
}

resource "aws_sqs_queue_policy" "queues" {
  for_each = local.queues

  queue_url = each.value.url
  policy    = data.aws_iam_policy_document.queues[each.key].json
}

data "aws_iam_policy_document" "queues" {
  for_each = local.queues

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [each.value.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  dynamic "statement" {
    for_each = each.key == "ingest" ? [aws_s3_bucket.data.arn] : []

    content {
      sid       = "ResultsThatLanded"
      actions   = ["sqs:SendMessage"]
      resources = [each.value.arn]

      principals {
        type        = "Service"
        identifiers = ["s3.amazonaws.com"]
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = [statement.value]
      }

      # A bucket's name can pass to another account once it is deleted.
      condition {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [data.aws_caller_identity.current.account_id]
      }
    }
  }
}
