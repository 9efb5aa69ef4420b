# What may be done by who deploys: everything to what has the environment's name, nothing to what has
# not. Where AWS knows no name to ask for, only what Terraform reads.

# The state, the buckets, the index, the queues.
data "aws_iam_policy_document" "deploy_data" {
  statement {
    sid       = "State"
    actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = ["${aws_s3_bucket.state.arn}/fleet.tfstate", "${aws_s3_bucket.state.arn}/fleet.tfstate.tflock"]
  }

  statement {
    sid       = "ListState"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.state.arn]
  }

  # Neither the bucket for data nor what is in it can be deleted by a deploy.
  statement {
    sid = "Buckets"
    actions = [
      "s3:CreateBucket",
      "s3:Get*Configuration",
      "s3:GetBucket*",
      "s3:ListBucket",
      "s3:PutBucket*",
      "s3:PutEncryptionConfiguration",
      "s3:PutLifecycleConfiguration",
    ]
    resources = ["arn:aws:s3:::${local.name}-results-*", "arn:aws:s3:::${local.name}-page-*"]
  }

  statement {
    sid       = "Page"
    actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = ["arn:aws:s3:::${local.name}-page-*/*"]
  }

  statement {
    sid = "Index"
    actions = [
      "dynamodb:CreateTable",
      "dynamodb:Describe*",
      "dynamodb:ListTagsOfResource",
      "dynamodb:TagResource",
      "dynamodb:UntagResource",
      "dynamodb:UpdateContinuousBackups",
      "dynamodb:UpdateTable",
      "dynamodb:UpdateTimeToLive",
    ]
    resources = ["arn:aws:dynamodb:${var.region}:${local.account}:table/${local.name}-index"]
  }

  statement {
    sid = "Queues"
    actions = [
      "sqs:AddPermission",
      "sqs:CreateQueue",
      "sqs:DeleteQueue",
      "sqs:GetQueueAttributes",
      "sqs:GetQueueUrl",
      "sqs:ListQueueTags",
      "sqs:RemovePermission",
      "sqs:SetQueueAttributes",
      "sqs:TagQueue",
      "sqs:UntagQueue",
    ]
    resources = ["arn:aws:sqs:${var.region}:${local.account}:${local.name}-*"]
  }
}

# The functions, what starts them, and what watches over them.
data "aws_iam_policy_document" "deploy_work" {
  statement {
    sid       = "Functions"
    actions   = ["lambda:*"]
    resources = ["arn:aws:lambda:${var.region}:${local.account}:function:${local.name}-*"]
  }

  # A trigger's name is a number: it is asked for by the function that it starts.
  statement {
    sid = "Triggers"
    actions = [
      "lambda:CreateEventSourceMapping",
      "lambda:DeleteEventSourceMapping",
      "lambda:UpdateEventSourceMapping",
    ]
    resources = ["*"]

    condition {
      test     = "ArnLike"
      variable = "lambda:FunctionArn"
      values   = ["arn:aws:lambda:${var.region}:${local.account}:function:${local.name}-*"]
    }
  }

  statement {
    sid       = "TagTriggers"
    actions   = ["lambda:TagResource", "lambda:UntagResource"]
    resources = ["arn:aws:lambda:${var.region}:${local.account}:event-source-mapping:*"]
  }

  statement {
    sid = "ReadWhatHasNoName"
    actions = [
      "cloudwatch:DescribeAlarms",
      "lambda:GetEventSourceMapping",
      "lambda:ListEventSourceMappings",
      "lambda:ListTags",
      "logs:DescribeLogGroups",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "Schedules"
    actions   = ["events:*"]
    resources = ["arn:aws:events:${var.region}:${local.account}:rule/${local.name}-*"]
  }

  statement {
    sid = "Logs"
    actions = [
      "logs:CreateLogGroup",
      "logs:DeleteLogGroup",
      "logs:ListTagsForResource",
      "logs:PutRetentionPolicy",
      "logs:TagResource",
      "logs:UntagResource",
    ]
    resources = ["arn:aws:logs:${var.region}:${local.account}:log-group:/aws/lambda/${local.name}-*"]
  }

  statement {
    sid = "Alarms"
    actions = [
      "cloudwatch:DeleteAlarms",
      "cloudwatch:ListTagsForResource",
      "cloudwatch:PutMetricAlarm",
      "cloudwatch:TagResource",
      "cloudwatch:UntagResource",
    ]
    resources = ["arn:aws:cloudwatch:${var.region}:${local.account}:alarm:${local.name}-*"]
  }

  statement {
    sid       = "Topic"
    actions   = ["sns:*"]
    resources = ["arn:aws:sns:${var.region}:${local.account}:${local.name}-alarms*"]
  }

  statement {
    sid       = "Budget"
    actions   = ["budgets:ListTagsForResource", "budgets:ModifyBudget", "budgets:TagResource", "budgets:ViewBudget"]
    resources = ["arn:aws:budgets::${local.account}:budget/${local.name}"]
  }
}

# Roles of the environment, each within the boundary. Neither the boundary nor the deploying role
# itself is in its reach.
data "aws_iam_policy_document" "deploy_roles" {
  statement {
    sid = "RolesWithinTheBoundary"
    actions = [
      "iam:AttachRolePolicy",
      "iam:CreateRole",
      "iam:DeleteRolePolicy",
      "iam:DetachRolePolicy",
      "iam:PutRolePermissionsBoundary",
      "iam:PutRolePolicy",
    ]
    resources = local.fleet_roles

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [aws_iam_policy.boundary.arn]
    }
  }

  statement {
    sid = "RolesOtherwise"
    actions = [
      "iam:DeleteRole",
      "iam:GetRole",
      "iam:GetRolePolicy",
      "iam:ListAttachedRolePolicies",
      "iam:ListInstanceProfilesForRole",
      "iam:ListRolePolicies",
      "iam:ListRoleTags",
      "iam:TagRole",
      "iam:UntagRole",
      "iam:UpdateAssumeRolePolicy",
      "iam:UpdateRoleDescription",
    ]
    resources = local.fleet_roles
  }

  statement {
    sid = "CollectorPolicies"
    actions = [
      "iam:CreatePolicy",
      "iam:CreatePolicyVersion",
      "iam:DeletePolicy",
      "iam:DeletePolicyVersion",
      "iam:GetPolicy",
      "iam:GetPolicyVersion",
      "iam:ListPolicyTags",
      "iam:ListPolicyVersions",
      "iam:TagPolicy",
      "iam:UntagPolicy",
    ]
    resources = ["arn:aws:iam::${local.account}:policy/${local.name}-collector-*"]
  }

  statement {
    sid       = "GiveRolesToFunctionsAndCollectors"
    actions   = ["iam:PassRole"]
    resources = local.fleet_roles

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["lambda.amazonaws.com", "rolesanywhere.amazonaws.com"]
    }
  }
}

locals {
  fleet_roles = [
    for name in ["api", "coordinator", "ingest", "compare", "github", "reconcile", "collector-*"] :
    "arn:aws:iam::${local.account}:role/${local.name}-${name}"
  ]
}

# The CDN and the collectors' certificates, whose names AWS gives: told apart by their tag.
data "aws_iam_policy_document" "deploy_front" {
  statement {
    sid = "MakeWithTheTag"
    actions = [
      "cloudfront:CreateDistribution",
      "cloudfront:TagResource",
      "rolesanywhere:CreateProfile",
      "rolesanywhere:CreateTrustAnchor",
      "rolesanywhere:TagResource",
    ]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/environment"
      values   = [var.environment]
    }
  }

  statement {
    sid = "ChangeByTheTag"
    actions = [
      "cloudfront:CreateInvalidation",
      "cloudfront:DeleteDistribution",
      "cloudfront:UntagResource",
      "cloudfront:UpdateDistribution",
      "rolesanywhere:DeleteProfile",
      "rolesanywhere:DeleteTrustAnchor",
      "rolesanywhere:DisableProfile",
      "rolesanywhere:DisableTrustAnchor",
      "rolesanywhere:EnableProfile",
      "rolesanywhere:EnableTrustAnchor",
      "rolesanywhere:UntagResource",
      "rolesanywhere:UpdateProfile",
      "rolesanywhere:UpdateTrustAnchor",
    ]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/environment"
      values   = [var.environment]
    }
  }

  # What cannot have a tag: policies of caching and headers, and who may ask an origin. None of them
  # holds data or gives a right by itself.
  statement {
    sid = "PartsOfTheCdn"
    actions = [
      "cloudfront:CreateCachePolicy",
      "cloudfront:CreateFunction",
      "cloudfront:CreateOriginAccessControl",
      "cloudfront:CreateResponseHeadersPolicy",
      "cloudfront:DeleteCachePolicy",
      "cloudfront:DeleteFunction",
      "cloudfront:DeleteOriginAccessControl",
      "cloudfront:DeleteResponseHeadersPolicy",
      "cloudfront:PublishFunction",
      "cloudfront:UpdateCachePolicy",
      "cloudfront:UpdateFunction",
      "cloudfront:UpdateOriginAccessControl",
      "cloudfront:UpdateResponseHeadersPolicy",
    ]
    resources = [
      for kind in ["cache-policy", "function", "origin-access-control", "response-headers-policy"] :
      "arn:aws:cloudfront::${local.account}:${kind}/*"
    ]
  }

  statement {
    sid = "ReadTheCdn"
    actions = [
      "cloudfront:DescribeFunction",
      "cloudfront:Get*",
      "cloudfront:List*",
      "rolesanywhere:Get*",
      "rolesanywhere:List*",
    ]
    resources = ["*"]
  }
}
