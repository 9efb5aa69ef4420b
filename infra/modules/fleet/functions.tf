# The six functions, with what each is given and why.

locals {
  functions = {
    # Answers people, who wait: most of it is reading a few results and computing a comparison, for
    # which one CPU is wanted. Ends before the CDN gives up after 30 s, so that whoever asked gets
    # the function's own words. The concurrency bounds what a flood of questions can cost.
    api = {
      description     = "Answers the API: reads by the CDN, writes by tokens."
      memory_mb       = 1769
      timeout_seconds = 25
      concurrency     = 50
      errors_max      = 3
      schedule        = null
      concurrency_max = null
    }
    # Reads and moves states in the index. Cutting a large request reads results for their durations,
    # and ending one makes the comparisons that are missing: hence a minute, and a CPU. Two for events at most and a few to spare for the
    # schedule: everything that it does is conditional, so that more do no harm and no good.
    coordinator = {
      description     = "Cuts requests into jobs, hands out the jobs, and follows them to their end."
      memory_mb       = 1769
      timeout_seconds = 60
      concurrency     = 4
      errors_max      = 3
      schedule        = "rate(1 minute)"
      concurrency_max = 2
    }
    # A result of the whole suite is a few megabytes compressed and some ten times that in memory.
    # Those of one configuration all replace one manifest by compare-and-swap: more than a few at
    # once would mostly lose to each other.
    ingest = {
      description     = "Takes in the results that land in the data bucket."
      memory_mb       = 1769
      timeout_seconds = 120
      concurrency     = 5
      errors_max      = 3
      schedule        = null
      concurrency_max = 4
    }
    # Bound by the CPU: noise, significance and change points of thousands of series. One CPU, since
    # it uses one.
    compare = {
      description     = "Compares the runs that became complete."
      memory_mb       = 1769
      timeout_seconds = 120
      concurrency     = 6
      errors_max      = 3
      schedule        = null
      concurrency_max = 5
    }
    # Handles what GitHub tells, reads a request's comparisons, and writes one text, here and on GitHub,
    # which may take 20 s a call. Two at once is the least that SQS allows, and enough: of two that write
    # one comment, one waits for the other.
    github = {
      description     = "Carries out commands on pull requests, and keeps their comments up to date."
      memory_mb       = 1024
      timeout_seconds = 60
      concurrency     = 3
      errors_max      = 3
      schedule        = null
      concurrency_max = 2
    }
    # Lists what is stored, and takes in what no event told of: as long as Lambda allows, and one at a
    # time, so that an hour that was not enough does not meet the next.
    reconcile = {
      description     = "Finds what no event told of, and announces what is due of triage, once an hour."
      memory_mb       = 1769
      timeout_seconds = 900
      concurrency     = 1
      errors_max      = 1
      schedule        = "rate(1 hour)"
      concurrency_max = null
    }
  }

  function_variables = {
    PERFLEET_AWS_ENVIRONMENT = var.environment
    PERFLEET_AWS_BUCKET      = aws_s3_bucket.data.bucket
    PERFLEET_A_A_DAYS        = var.a_a_days
    PERFLEET_RERUN_PERCENT   = var.rerun_percent
    # To all of them: whichever could post has to know that it must not.
    PERFLEET_SHADOW = var.shadow
  }
  # Whoever reconciles announces, too, and reads the bot's key from its secret when it starts.
  reconcile_variables = {
    PERFLEET_PAGE_URL        = var.announcements_page_url
    PERFLEET_ZULIP_SITE      = var.zulip == null ? "" : var.zulip.site
    PERFLEET_ZULIP_BOT_EMAIL = var.zulip == null ? "" : var.zulip.bot_email
    PERFLEET_ZULIP_CHANNEL   = var.zulip == null ? "" : var.zulip.channel
  }
  # Without a CDN it is the function that hands out the page.
  api_variables = {
    PERFLEET_AWS_PAGE_BUCKET = aws_s3_bucket.page.bucket
  }

  zulip_secrets = {
    for name, secrets in {
      reconcile = tomap({ PERFLEET_ZULIP_API_KEY_ARN = try(var.zulip.api_key, "") })
    } : name => secrets if var.zulip != null
  }

  # Who may read which secrets, by the function's name.
  secrets_of_functions = merge(local.github_secrets, local.zulip_secrets)

  # What one function alone is told, by the function's name.
  variables_of_one = {
    api       = local.api_variables
    reconcile = local.reconcile_variables
  }

  # What starts a function, by the function's name.
  triggers = {
    for name, queue in local.function_queues : queue.function => {
      arn             = aws_sqs_queue.functions[name].arn
      batch_size      = queue.batch_size
      window_seconds  = queue.window_seconds
      concurrency_max = local.functions[queue.function].concurrency_max
    }
  }
}

module "functions" {
  source   = "../function"
  for_each = local.functions

  environment         = var.environment
  name                = each.key
  description         = each.value.description
  zip                 = "${var.functions_directory}/${each.key}.zip"
  architecture        = var.function_architecture
  settings            = each.value
  reserve_concurrency = var.reserve_concurrency
  variables = merge(
    local.function_variables,
    lookup(local.variables_of_one, each.key, {}),
    try(local.github_variables[each.key], {}),
    try(local.zulip_secrets[each.key], {}),
  )
  rights               = data.aws_iam_policy_document.functions[each.key].json
  permissions_boundary = var.permissions_boundary
  log_retention_days   = var.log_retention_days
  queue                = lookup(local.triggers, each.key, null)
  schedule             = each.value.schedule
  alarm_actions        = local.alarm_actions
}
