# What may differ from one deployment to the next; the module says more of each.

variable "region" {
  description = "Where everything is, but for the CDN, which is everywhere."
  type        = string
  default     = "us-east-1"
}

variable "configurations" {
  description = "The configurations that are measured, by their id, with the tier of each: one line in terraform.tfvars."
  type        = map(object({ tier = string }))
}

variable "collectors" {
  description = "The configurations that each collector measures under, by its name: one line in terraform.tfvars."
  type        = map(list(string))
  default     = {}
}

variable "a_a_days" {
  description = "Days between two measurings of one compiler against itself, for each configuration; 0 for none."
  type        = number
  default     = 7
}

variable "rerun_percent" {
  description = "The part of a week's measuring time that measuring disturbed runs once more may take, in percent."
  type        = number
  default     = 10
}

variable "github" {
  description = "How GitHub is used, or null: the text of github.toml, and the ARNs of the two secrets."
  type = object({
    settings       = string
    webhook_secret = string
    private_key    = string
  })
  default = null
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
}

variable "announcements_page_url" {
  description = "Where people reach the page, for links in what is posted; empty for no links."
  type        = string
  default     = ""
}

variable "shadow" {
  description = "What this fleet is the shadow of: the text of shadow.toml, or empty for nothing."
  type        = string
  default     = ""
}

variable "functions_directory" {
  description = "Where the functions' zips are; null for where `cargo xtask dist` puts them."
  type        = string
  default     = null
}

variable "function_architecture" {
  description = "What the functions were built for: arm64 or x86_64."
  type        = string
  default     = "arm64"
}

variable "reserve_concurrency" {
  description = "Whether each function's concurrency is reserved and limited; false in a new account whose quota is small."
  type        = bool
  default     = true
}

variable "cdn_enabled" {
  description = "Whether a CDN stands in front; false for emulators and trials."
  type        = bool
  default     = true
}

variable "page_directory" {
  description = "The folder of the built page; null for where `cargo xtask page` leaves it."
  type        = string
  default     = null
}

variable "domain_names" {
  description = "Names under which the CDN answers beside its own."
  type        = list(string)
  default     = []
}

variable "certificate_arn" {
  description = "The certificate of these names, in us-east-1."
  type        = string
  default     = null
}

variable "collector_ca_certificate" {
  description = "The certificate, in PEM, of the authority that signs the collectors' certificates."
  type        = string
  default     = null
}

variable "permissions_boundary" {
  description = "The ARN of what no role of this fleet may exceed, from infra/bootstrap."
  type        = string
  default     = null
}

variable "deletion_protection" {
  description = "Whether the index refuses to be deleted."
  type        = bool
  default     = true
}

variable "alarm_email" {
  description = "An address that is told of every alarm."
  type        = string
  default     = null
}

variable "monthly_budget_usd" {
  description = "What the fleet is to cost a month at most, in US dollars."
  type        = number
  default     = null
}
