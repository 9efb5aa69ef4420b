# What a collector may do: serve the queues of its own configurations, tell what it does, and write
# under its own prefixes. It can read no table, and no result of another configuration.

variable "collectors" {
  description = "The configurations that each collector measures under, by the collector's name, which is that of its certificate, too."
  type        = map(list(string))
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.collectors) : can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,27}$", name))])
    error_message = "A collector's name is 1 to 28 letters, digits, `_` and `-`, first a letter or digit: it is part of a role's name."
  }

  validation {
    condition     = alltrue(flatten([for ids in values(var.collectors) : [for id in ids : contains(keys(var.configurations), id)]]))
    error_message = "A collector names a configuration that is not in `configurations`."
  }

  # IAM lets a role have ten policies.
  validation {
    condition     = alltrue([for ids in values(var.collectors) : length(ids) > 0 && length(ids) <= 10])
    error_message = "A collector measures under 1 to 10 configurations."
  }
}

resource "aws_iam_policy" "collector" {
  for_each = var.configurations

  name        = "perfleet-${var.environment}-collector-${each.key}"
  description = "What a collector that measures under ${each.key} may do."
  policy      = data.aws_iam_policy_document.collector[each.key].json
}

data "aws_iam_policy_document" "collector" {
  for_each = var.configurations

  statement {
    sid = "TakeJobs"
    actions = [
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:GetQueueUrl",
      "sqs:ReceiveMessage",
    ]
    resources = [aws_sqs_queue.jobs[each.key].arn]
  }

  # What it does not understand is kept aside by the collector itself, with the reason.
  statement {
    sid       = "KeepAside"
    actions   = ["sqs:GetQueueUrl", "sqs:SendMessage"]
    resources = [aws_sqs_queue.job_dead_letters[each.key].arn]
  }

  statement {
    sid       = "TellWhatHappens"
    actions   = ["sqs:GetQueueUrl", "sqs:SendMessage"]
    resources = [aws_sqs_queue.functions["events"].arn]
  }

  # Only where there is nothing yet: a collector can overwrite no measurement, its own or another's.
  statement {
    sid     = "WriteOnce"
    actions = ["s3:PutObject"]
    resources = [
      "${aws_s3_bucket.data.arn}/results/v1/${each.key}/*",
      "${aws_s3_bucket.data.arn}/logs/v1/*",
      "${aws_s3_bucket.data.arn}/self-profile/v1/*",
      "${aws_s3_bucket.data.arn}/suite/v1/*",
    ]

    condition {
      test     = "Null"
      variable = "s3:if-none-match"
      values   = ["false"]
    }
  }

  statement {
    sid     = "ReadWhatIsMeasuredWith"
    actions = ["s3:GetObject"]
    resources = [
      "${aws_s3_bucket.data.arn}/artifacts/*",
      "${aws_s3_bucket.data.arn}/suite/v1/*",
    ]
  }

  # Whether an earlier delivery of its job has left a result.
  statement {
    sid       = "FindEarlierResults"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.data.arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["results/v1/${each.key}/*"]
    }
  }
}
