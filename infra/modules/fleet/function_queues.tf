# Between the functions: progress from collectors, results that landed, comparisons that are due,
# comments that are to be written. The double hyphen keeps their names apart from those of
# configurations, whose ids start with a letter or digit.

locals {
  # Each queue, the function that it starts, and how.
  function_queues = {
    # Every collector tells of its progress every ten seconds: gathered for a while, the coordinator
    # starts less often, and nobody sees the difference.
    events = { function = "coordinator", batch_size = 100, window_seconds = 5 }
    # As many as come with one message of S3's, so that a burst of results costs few starts.
    ingest = { function = "ingest", batch_size = 10, window_seconds = 0 }
    # A comparison of the whole suite takes seconds: few in one go, so that one that hangs does not
    # take many others with it.
    compare = { function = "compare", batch_size = 5, window_seconds = 0 }
    # Several comparisons of one request end about together and are one comment.
    github = { function = "github", batch_size = 10, window_seconds = 5 }
  }
}

resource "aws_sqs_queue" "functions" {
  for_each = local.function_queues

  name = "perfleet-${var.environment}--${each.key}"
  # AWS asks for six times the time limit of the function that the queue starts, and the window.
  visibility_timeout_seconds = 6 * local.functions[each.value.function].timeout_seconds + each.value.window_seconds
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
