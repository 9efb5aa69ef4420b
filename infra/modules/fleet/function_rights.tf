# What each function may do, and no more. All of them work on the index, whose operations each touch
# items of several kinds; they differ in the objects and queues that they reach.

locals {
  function_rights = {
    api = {
      # Comparisons are made on demand, from results and the history in the series; those that were
      # kept, the comment, and the table of shadow mode, are shown. Without a CDN it hands raw
      # self-profiles out, too.
      reads = ["changes", "comments", "comparisons", "logs", "policy", "results", "self-profile", "series", "shadow"]
      # An artifact whose place in history becomes known moves within its series.
      writes = ["series"]
      # That there is something to do, so that nobody waits for the next minute; what GitHub tells; and
      # that results were retracted.
      sends            = ["compare", "events", "github"]
      releases_jobs    = false
      hands_out_a_page = true
      own_queue        = null
    }
    coordinator = {
      # The suite's catalogue, how long earlier compilations took, and what is compared at the end of a
      # request where nobody has yet. In shadow mode an artifact whose place in history the other knows
      # may move within its series.
      reads            = ["policy", "results", "series", "suite"]
      writes           = ["comparisons", "series"]
      sends            = ["compare", "github"]
      releases_jobs    = true
      hands_out_a_page = false
      own_queue        = "events"
    }
    ingest = {
      reads            = ["results", "series"]
      writes           = ["series"]
      sends            = ["compare", "events"]
      releases_jobs    = false
      hands_out_a_page = false
      own_queue        = "ingest"
    }
    compare = {
      # Besides comparisons it finds where the series changed. What was retracted it takes out of the
      # series, and holds what is left against what was kept.
      reads            = ["changes", "comparisons", "policy", "results", "series"]
      writes           = ["changes", "comparisons", "series"]
      sends            = ["github"]
      releases_jobs    = false
      hands_out_a_page = false
      own_queue        = "compare"
    }
    github = {
      # An advisory configuration is compared once more when it was measured again; a command may name
      # benchmarks of the suite. A commit of the watched branch may move within its series, and a request
      # that somebody makes or cancels is work for the coordinator.
      reads            = ["comments", "comparisons", "policy", "results", "series", "suite"]
      writes           = ["comments", "series"]
      sends            = ["events"]
      releases_jobs    = false
      hands_out_a_page = false
      own_queue        = "github"
    }
    # What ingest does and what compare does; the weekly report tells what comparisons say, and so does the
    # table of shadow mode.
    reconcile = {
      reads            = ["changes", "comparisons", "policy", "results", "series", "shadow"]
      writes           = ["changes", "comparisons", "series", "shadow"]
      sends            = ["compare", "events", "github"]
      releases_jobs    = false
      hands_out_a_page = false
      own_queue        = null
    }
  }
}

data "aws_iam_policy_document" "functions" {
  for_each = local.function_rights

  statement {
    sid = "Index"
    # No Scan: every access pattern has a key. Transactions need the right of each of their parts.
    actions = [
      "dynamodb:BatchGetItem",
      "dynamodb:BatchWriteItem",
      "dynamodb:ConditionCheckItem",
      "dynamodb:DeleteItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:UpdateItem",
    ]
    resources = [aws_dynamodb_table.index.arn]
  }

  statement {
    sid       = "IndexByOrder"
    actions   = ["dynamodb:Query"]
    resources = ["${aws_dynamodb_table.index.arn}/index/by-order"]
  }

  statement {
    sid       = "ReadObjects"
    actions   = ["s3:GetObject"]
    resources = [for prefix in each.value.reads : "${aws_s3_bucket.data.arn}/${prefix}/*"]
  }

  # Without it S3 says that an object that is not there is forbidden. It cannot be narrowed to
  # prefixes: the reading of an object has none. The reconciliation lists by it.
  statement {
    sid       = "TellAbsentFromForbidden"
    actions   = ["s3:ListBucket"]
    resources = concat([aws_s3_bucket.data.arn], each.value.hands_out_a_page ? [aws_s3_bucket.page.arn] : [])
  }

  dynamic "statement" {
    for_each = each.value.hands_out_a_page ? ["page"] : []

    content {
      sid       = "ReadPage"
      actions   = ["s3:GetObject"]
      resources = ["${aws_s3_bucket.page.arn}/*"]
    }
  }

  dynamic "statement" {
    for_each = length(each.value.writes) > 0 ? ["objects"] : []

    content {
      sid       = "WriteObjects"
      actions   = ["s3:PutObject"]
      resources = [for prefix in each.value.writes : "${aws_s3_bucket.data.arn}/${prefix}/*"]
    }
  }

  dynamic "statement" {
    for_each = length(each.value.sends) > 0 ? ["queues"] : []

    content {
      sid       = "HandOn"
      actions   = ["sqs:GetQueueUrl", "sqs:SendMessage"]
      resources = [for name in each.value.sends : aws_sqs_queue.functions[name].arn]
    }
  }

  dynamic "statement" {
    for_each = each.value.own_queue == null ? [] : [each.value.own_queue]

    content {
      sid = "TakeFromOwnQueue"
      actions = [
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ReceiveMessage",
      ]
      resources = [aws_sqs_queue.functions[statement.value].arn]
    }
  }

  dynamic "statement" {
    for_each = contains(keys(local.secrets_of_functions), each.key) ? [local.secrets_of_functions[each.key]] : []

    content {
      sid       = "ReadOwnSecret"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = values(statement.value)
    }
  }

  # What cannot be understood is kept aside at once, with the reason.
  dynamic "statement" {
    for_each = each.value.own_queue == null ? [] : [each.value.own_queue]

    content {
      sid       = "KeepAside"
      actions   = ["sqs:GetQueueUrl", "sqs:SendMessage"]
      resources = [aws_sqs_queue.function_dead_letters[statement.value].arn]
    }
  }

  # The overview says in which queues messages are that could not be handled.
  dynamic "statement" {
    for_each = each.value.hands_out_a_page ? ["dead letters"] : []

    content {
      sid     = "CountDeadLetters"
      actions = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"]
      resources = concat(
        [for queue in aws_sqs_queue.functions : queue.arn],
        [for queue in aws_sqs_queue.function_dead_letters : queue.arn],
        [for queue in aws_sqs_queue.jobs : queue.arn],
        [for queue in aws_sqs_queue.job_dead_letters : queue.arn],
      )
    }
  }

  # Each queue by its name, since no pattern tells them from those of the functions. A role's policy has
  # room for some fifty configurations.
  dynamic "statement" {
    for_each = each.value.releases_jobs && length(var.configurations) > 0 ? ["jobs"] : []

    content {
      sid       = "ReleaseJobs"
      actions   = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"]
      resources = [for queue in aws_sqs_queue.jobs : queue.arn]
    }
  }

  dynamic "statement" {
    for_each = each.value.releases_jobs && length(var.configurations) > 0 ? ["jobs"] : []

    content {
      sid       = "CountDeadJobs"
      actions   = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"]
      resources = [for queue in aws_sqs_queue.job_dead_letters : queue.arn]
    }
  }
}
