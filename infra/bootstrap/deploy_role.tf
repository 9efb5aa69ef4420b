# The role that deploys. GitHub's workflows become it for an hour, without a key that could be stolen,
# and only those of the one repository that run for the one environment.

resource "aws_iam_openid_connect_provider" "github" {
  count = var.github_provider_arn == null ? 1 : 0

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "deploy" {
  name                 = "${local.name}-deploy"
  description          = "Deploys the environment ${var.environment} from ${var.repository}."
  assume_role_policy   = data.aws_iam_policy_document.github.json
  max_session_duration = 3600
}

data "aws_iam_policy_document" "github" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [coalesce(var.github_provider_arn, one(aws_iam_openid_connect_provider.github[*].arn))]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }

    # GitHub says `environment:` only of a job that names it, and lets people guard the environment.
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:${var.repository}:environment:${var.environment}"]
    }
  }
}

# A policy for each of the documents of deploy_rights.tf, since one has a limit of length.
resource "aws_iam_policy" "deploy" {
  for_each = {
    data  = data.aws_iam_policy_document.deploy_data.json
    work  = data.aws_iam_policy_document.deploy_work.json
    roles = data.aws_iam_policy_document.deploy_roles.json
    front = data.aws_iam_policy_document.deploy_front.json
  }

  name        = "${local.name}-deploy-${each.key}"
  description = "Part of what may be done by who deploys ${var.environment}."
  policy      = each.value
}

resource "aws_iam_role_policy_attachment" "deploy" {
  for_each = aws_iam_policy.deploy

  role       = aws_iam_role.deploy.name
  policy_arn = each.value.arn
}
