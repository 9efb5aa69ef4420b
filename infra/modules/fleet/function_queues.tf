# Between the functions: progress from collectors, results that landed, comparisons that are due.
# The double hyphen keeps their names apart from those of configurations, whose ids start with a
# letter or digit.

resource "aws_sqs_queue" "functions" {
  for_each = local.function_queues

  name                       = "perfleet-${var.environment}--${each.key}"
  visibility_timeout_seconds = each.value.visibility_seconds
  message_retention_seconds  = local.retention_seconds
  receive_wait_time_seconds  = local.long_poll_seconds
  sqs_managed_sse_enabled    = true

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.function_dead_letters[each.key].arn
    maxReceiveCount     = var.deliveries_max
  })
}

resource "aws_sqs_queue" "function_dead_letters" {
  for_each = local.function_queues

  name                      = "perfleet-${var.environment}--${each.key}-dead-letters"
  message_retention_seconds = local.retention_seconds
  sqs_managed_sse_enabled   = true
}
