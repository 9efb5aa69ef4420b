# Who is told of alarms.

variable "alarm_email" {
  description = "An address that is told of every alarm, or null. Whoever reads it confirms the subscription once."
  type        = string
  default     = null
}

locals {
  alarm_actions = [aws_sns_topic.alarms.arn]
}

# Not encrypted by a key of AWS's own, by which alarms could not be sent: nothing is kept here, and
# what passes through are the names of alarms.
resource "aws_sns_topic" "alarms" {
  name = "perfleet-${var.environment}-alarms"
}

resource "aws_sns_topic_policy" "alarms" {
  arn    = aws_sns_topic.alarms.arn
  policy = data.aws_iam_policy_document.alarms.json
}

data "aws_iam_policy_document" "alarms" {
  statement {
    sid       = "AlarmsAndBudget"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_sns_topic_subscription" "email" {
  count = var.alarm_email == null ? 0 : 1

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}
