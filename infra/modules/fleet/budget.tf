# What the fleet may cost a month before somebody is told.

variable "monthly_budget_usd" {
  description = "What the fleet is to cost a month at most, in US dollars, or null for no budget. Somebody is told at 80 % and when more is foreseen; nothing is switched off."
  type        = number
  default     = null
}

resource "aws_budgets_budget" "fleet" {
  count = var.monthly_budget_usd == null ? 0 : 1

  name         = "perfleet-${var.environment}"
  budget_type  = "COST"
  limit_amount = tostring(var.monthly_budget_usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  # By the tag that everything here has; it is to be activated once as a cost allocation tag.
  cost_filter {
    name   = "TagKeyValue"
    values = [format("user:environment$%s", var.environment)]
  }

  # docs/runbook.md#the-budget-is-nearly-spent
  notification {
    comparison_operator       = "GREATER_THAN"
    threshold                 = 80
    threshold_type            = "PERCENTAGE"
    notification_type         = "ACTUAL"
    subscriber_sns_topic_arns = [aws_sns_topic.alarms.arn]
  }

  notification {
    comparison_operator       = "GREATER_THAN"
    threshold                 = 100
    threshold_type            = "PERCENTAGE"
    notification_type         = "FORECASTED"
    subscriber_sns_topic_arns = [aws_sns_topic.alarms.arn]
  }
}
