# What no role of the environment may exceed, whoever makes it: a role that may make roles could else
# make itself one that may do everything.

resource "aws_iam_policy" "boundary" {
  name        = "${local.name}-boundary"
  description = "The most that a role of the environment ${var.environment} may do."
  policy      = data.aws_iam_policy_document.boundary.json
}

data "aws_iam_policy_document" "boundary" {
  statement {
    sid     = "OwnQueues"
    actions = ["sqs:*"]
    resources = [
      "arn:aws:sqs:${var.region}:${local.account}:${local.name}-*",
    ]
  }

  statement {
    sid       = "OwnIndex"
    actions   = ["dynamodb:*"]
    resources = ["arn:aws:dynamodb:${var.region}:${local.account}:table/${local.name}-*"]
  }

  statement {
    sid     = "OwnObjects"
    actions = ["s3:GetObject", "s3:ListBucket", "s3:PutObject"]
    resources = [
      "arn:aws:s3:::${local.name}-results-*",
      "arn:aws:s3:::${local.name}-page-*",
    ]
  }

  statement {
    sid       = "OwnSecrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = ["arn:aws:secretsmanager:${var.region}:${local.account}:secret:${local.name}-*"]
  }

  statement {
    sid       = "OwnLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:aws:logs:${var.region}:${local.account}:log-group:/aws/lambda/${local.name}-*"]
  }
}
