variable "environment" {
  description = "The name of the fleet."
  type        = string
}

variable "name" {
  description = "The name of the function."
  type        = string
}

variable "description" {
  description = "What the function does."
  type        = string
}

variable "zip" {
  description = "Where its zip is, with the one file `bootstrap`."
  type        = string
}

variable "architecture" {
  description = "What it was built for: arm64 or x86_64."
  type        = string
}

variable "settings" {
  description = "How much memory it gets (which is CPU, too: 1769 MB are one), how long it may take, how many of it run at once, and how many errors within a quarter of an hour are an alarm."
  type = object({
    memory_mb       = number
    timeout_seconds = number
    concurrency     = number
    errors_max      = number
  })
}

variable "reserve_concurrency" {
  description = "Whether its concurrency is reserved, and thereby limited."
  type        = bool
}

variable "variables" {
  description = "Its environment variables."
  type        = map(string)
}

variable "rights" {
  description = "A policy document of what it may do beside writing its log, in JSON."
  type        = string
}

variable "permissions_boundary" {
  description = "The ARN of what its role may not exceed, or null."
  type        = string
}

variable "log_retention_days" {
  description = "How long its log is kept."
  type        = number
}

variable "queue" {
  description = "The queue whose messages start it, or null."
  type = object({
    arn             = string
    batch_size      = number
    window_seconds  = number
    concurrency_max = number
  })
  default = null
}

variable "schedule" {
  description = "When it starts by itself, such as `rate(1 minute)`, or null."
  type        = string
  default     = null
}

variable "alarm_actions" {
  description = "Who is told of alarms."
  type        = list(string)
}
