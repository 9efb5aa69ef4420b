# What is wrong with the fleet as a whole; the alarms of a single function are in its module. Each
# alarm names its section of docs/runbook.md, and a test holds the two together.

variable "job_age_alarm_hours" {
  description = "How long a job may wait in its queue. Jobs take two hours at most, and few are released ahead of the collectors."
  type        = number
  default     = 6
}

variable "collector_silence_alarm_minutes" {
  description = "How long a collector may be silent before somebody is told. It reports every minute."
  type        = number
  default     = 15
}

resource "aws_cloudwatch_metric_alarm" "job_age" {
  for_each = var.configurations

  alarm_name        = "perfleet-${var.environment}-jobs-age-${each.key}"
  alarm_description = "A job of ${each.key} waits for longer than ${var.job_age_alarm_hours} h. What to do: docs/runbook.md#jobs-wait-too-long"

  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = aws_sqs_queue.jobs[each.key].name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 2
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.job_age_alarm_hours * 3600
  treat_missing_data  = "notBreaching"

  alarm_actions = local.alarm_actions
  ok_actions    = local.alarm_actions
}

resource "aws_cloudwatch_metric_alarm" "job_dead_letters" {
  for_each = var.configurations

  alarm_name        = "perfleet-${var.environment}-jobs-dead-${each.key}"
  alarm_description = "There are dead letters among the jobs of ${each.key}. What to do: docs/runbook.md#jobs-among-the-dead-letters"

  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.job_dead_letters[each.key].name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"

  alarm_actions = local.alarm_actions
  ok_actions    = local.alarm_actions
}

resource "aws_cloudwatch_metric_alarm" "function_queue_age" {
  for_each = local.function_queues

  alarm_name        = "perfleet-${var.environment}-queue-age-${each.key}"
  alarm_description = "A message waits in the queue ${each.key} for longer than 15 minutes. What to do: docs/runbook.md#a-functions-queue-is-behind"

  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = aws_sqs_queue.functions[each.key].name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 2
  comparison_operator = "GreaterThanThreshold"
  threshold           = 900
  treat_missing_data  = "notBreaching"

  alarm_actions = local.alarm_actions
  ok_actions    = local.alarm_actions
}

resource "aws_cloudwatch_metric_alarm" "function_dead_letters" {
  for_each = local.function_queues

  alarm_name        = "perfleet-${var.environment}-queue-dead-${each.key}"
  alarm_description = "There are dead letters of the queue ${each.key}. What to do: docs/runbook.md#a-functions-dead-letters"

  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.function_dead_letters[each.key].name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"

  alarm_actions = local.alarm_actions
  ok_actions    = local.alarm_actions
}

# The API answers with its own errors, which are no errors to Lambda.
resource "aws_cloudwatch_metric_alarm" "api_errors" {
  alarm_name        = "perfleet-${var.environment}-api-5xx"
  alarm_description = "The API answered with errors of its own 5 times or more within 5 minutes. What to do: docs/runbook.md#the-api-answers-with-errors"

  namespace           = "AWS/Lambda"
  metric_name         = "Url5xxCount"
  dimensions          = { FunctionName = module.functions["api"].function_name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 5
  treat_missing_data  = "notBreaching"

  alarm_actions = local.alarm_actions
  ok_actions    = local.alarm_actions
}

# Without it nothing is handed out, and nobody tells of silent collectors.
resource "aws_cloudwatch_metric_alarm" "coordinator_idle" {
  alarm_name        = "perfleet-${var.environment}-coordinator-idle"
  alarm_description = "The coordinator, which is to run every minute, did not for 10 minutes. What to do: docs/runbook.md#the-coordinator-does-not-run"

  namespace           = "AWS/Lambda"
  metric_name         = "Invocations"
  dimensions          = { FunctionName = module.functions["coordinator"].function_name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 2
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"

  alarm_actions = local.alarm_actions
  ok_actions    = local.alarm_actions
}

# The coordinator writes this metric into its log each minute, for every collector that it ever heard
# of and that is not draining. Without the metric there is nobody to be missed, or it is the
# coordinator that is missing, which is an alarm of its own.
resource "aws_cloudwatch_metric_alarm" "collector_silent" {
  for_each = var.collectors

  alarm_name        = "perfleet-${var.environment}-collector-silent-${each.key}"
  alarm_description = "Nothing was heard of the collector ${each.key} for ${var.collector_silence_alarm_minutes} minutes. What to do: docs/runbook.md#a-collector-is-silent"

  namespace           = "Perfleet"
  metric_name         = "CollectorSilentSeconds"
  dimensions          = { environment = var.environment, collector = each.key }
  statistic           = "Minimum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.collector_silence_alarm_minutes * 60
  treat_missing_data  = "notBreaching"

  alarm_actions = local.alarm_actions
  ok_actions    = local.alarm_actions
}
