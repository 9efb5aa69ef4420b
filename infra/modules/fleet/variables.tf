variable "environment" {
  description = "The name of this fleet, part of every name: a new fleet runs in the shadow of a live one."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{0,15}$", var.environment))
    error_message = "An environment is 1 to 16 lower-case letters and digits, first a letter."
  }
}

variable "configurations" {
  description = "The configurations that are measured, by their id. Each has a queue of its own, so that none waits for another."
  type = map(object({
    tier = string
  }))

  validation {
    condition     = alltrue([for id in keys(var.configurations) : can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,47}$", id))])
    error_message = "A configuration id is 1 to 48 letters, digits, `_` and `-`, first a letter or digit: it is part of queue names."
  }

  validation {
    condition     = alltrue([for id in keys(var.configurations) : length("perfleet-${var.environment}--dead-${id}") <= 80])
    error_message = "SQS allows names of 80 characters: choose a shorter configuration id or environment."
  }

  validation {
    condition     = alltrue([for configuration in values(var.configurations) : contains(["gating", "advisory", "experimental"], configuration.tier)])
    error_message = "A tier is gating, advisory or experimental."
  }
}

variable "lease_seconds" {
  description = "How long a job is hidden from other collectors. A collector that works extends it."
  type        = number
  default     = 300
}

variable "deliveries_max" {
  description = "Deliveries before a message goes to the dead letters. High, so that a bad network does not cost a good job: real failures are counted in the index."
  type        = number
  default     = 20
}

variable "a_a_days" {
  description = "Days between two measurings of one compiler against itself, for each configuration; 0 for none. They alone show how often noise is called a change."
  type        = number
  default     = 7

  validation {
    condition     = var.a_a_days >= 0 && floor(var.a_a_days) == var.a_a_days
    error_message = "Days between A/A measurings are a whole number, 0 for none."
  }
}

variable "rerun_percent" {
  description = "The part of a week's measuring time that measuring disturbed runs once more may take, in percent; 0 for none."
  type        = number
  default     = 10

  validation {
    condition     = var.rerun_percent >= 0 && var.rerun_percent <= 100 && floor(var.rerun_percent) == var.rerun_percent
    error_message = "The part for re-runs is a whole number of percent, 0 to 100."
  }
}

variable "zulip" {
  description = "Where the weekly report and reminders of triage are posted: the address of the organisation, the bot that posts, the ARN of the secret in AWS Secrets Manager that holds its key, and the channel. Null for nowhere."
  type = object({
    site      = string
    bot_email = string
    api_key   = string
    channel   = string
  })
  default = null

  validation {
    condition     = var.zulip == null || can(regex("^https://[^ @?#]+$", var.zulip.site))
    error_message = "The key of the bot is sent to the site of Zulip, so its address begins with https://."
  }

  validation {
    condition     = var.zulip == null || can(regex("^arn:aws[a-z-]*:secretsmanager:", var.zulip.api_key))
    error_message = "The key of the bot is named by the ARN of a secret: arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME."
  }
}

variable "announcements_page_url" {
  description = "Where people reach the page, for links in what is posted; empty for no links."
  type        = string
  default     = ""
}

variable "shadow" {
  description = "What this fleet is the shadow of: the text of shadow.toml, or empty for nothing. In the shadow of another it measures what that is asked for, and posts nothing anywhere, whatever secrets it has."
  type        = string
  default     = ""

  validation {
    condition     = length(var.shadow) <= 2048
    error_message = "The settings of all functions together have 4 KB: shadow.toml may have 2,048 characters."
  }
}

variable "functions_directory" {
  description = "Where the functions' zips are, as `cargo xtask dist` makes them: NAME.zip, each with the one file `bootstrap`."
  type        = string
}

variable "function_architecture" {
  description = "What the functions were built for: arm64, which is cheaper, or x86_64."
  type        = string

  validation {
    condition     = contains(["arm64", "x86_64"], var.function_architecture)
    error_message = "Lambda knows the architectures arm64 and x86_64."
  }
}

variable "reserve_concurrency" {
  description = "Whether each function gets a share of the account's concurrency that is its limit, too. A new account has too little to share: false until its quota was raised."
  type        = bool
  default     = true
}

variable "log_retention_days" {
  description = "How long the functions' logs are kept."
  type        = number
  default     = 30
}

variable "deletion_protection" {
  description = "Whether the index refuses to be deleted. False only on the way to a tear-down."
  type        = bool
  default     = true
}

variable "permissions_boundary" {
  description = "The ARN of what no role of this fleet may exceed; infra/bootstrap makes one. A deploy by its role needs it."
  type        = string
  default     = null
}
