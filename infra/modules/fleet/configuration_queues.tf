# One queue for each configuration, and its dead letters.

resource "aws_sqs_queue" "jobs" {
  for_each = var.configurations

  name                       = "perfleet-${var.environment}-${each.key}"
  visibility_timeout_seconds = var.lease_seconds
  message_retention_seconds  = local.retention_seconds
  receive_wait_time_seconds  = local.long_poll_seconds
  sqs_managed_sse_enabled    = true

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.job_dead_letters[each.key].arn
    maxReceiveCount     = var.deliveries_max
  })

  tags = {
    configuration = each.key
    tier          = each.value.tier
  }
}

resource "aws_sqs_queue" "job_dead_letters" {
  for_each = var.configurations

  name                      = "perfleet-${var.environment}--dead-${each.key}"
  message_retention_seconds = local.retention_seconds
  sqs_managed_sse_enabled   = true

  tags = {
    configuration = each.key
    tier          = each.value.tier
  }
}
