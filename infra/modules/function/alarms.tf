# What is wrong with a function whatever it does. Each alarm names its section of docs/runbook.md.

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name        = "${local.full_name}-errors"
  alarm_description = "The function ${local.full_name} failed ${var.settings.errors_max} times or more within 15 minutes. What to do: docs/runbook.md#a-function-fails"

  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = aws_lambda_function.this.function_name }
  statistic           = "Sum"
  period              = 900
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = var.settings.errors_max
  treat_missing_data  = "notBreaching"

  alarm_actions = var.alarm_actions
  ok_actions    = var.alarm_actions
}

resource "aws_cloudwatch_metric_alarm" "throttles" {
  alarm_name        = "${local.full_name}-throttles"
  alarm_description = "The function ${local.full_name} was refused for lack of concurrency in three periods of 5 minutes in a row. What to do: docs/runbook.md#a-function-is-throttled"

  namespace           = "AWS/Lambda"
  metric_name         = "Throttles"
  dimensions          = { FunctionName = aws_lambda_function.this.function_name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"

  alarm_actions = var.alarm_actions
  ok_actions    = var.alarm_actions
}

resource "aws_cloudwatch_metric_alarm" "duration" {
  alarm_name        = "${local.full_name}-duration"
  alarm_description = "The function ${local.full_name} took more than 80 % of its ${var.settings.timeout_seconds} s. What to do: docs/runbook.md#a-function-nears-its-time-limit"

  namespace           = "AWS/Lambda"
  metric_name         = "Duration"
  dimensions          = { FunctionName = aws_lambda_function.this.function_name }
  statistic           = "Maximum"
  period              = 900
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  # Lambda counts milliseconds.
  threshold          = 0.8 * 1000 * var.settings.timeout_seconds
  treat_missing_data = "notBreaching"

  alarm_actions = var.alarm_actions
  ok_actions    = var.alarm_actions
}
