# Credentials of an hour for collectors on hosts of their own, in exchange for a certificate (IAM Roles
# Anywhere). A collector is locked out by taking its line out of `collectors`.

variable "collector_ca_certificate" {
  description = "The certificate, in PEM, of the authority that signs the collectors' certificates, or null: collectors then get no credentials here."
  type        = string
  default     = null
}

locals {
  roles_anywhere = var.collector_ca_certificate != null
  collectors     = local.roles_anywhere ? var.collectors : {}
  collector_policies = merge([
    for name, ids in local.collectors : {
      for id in ids : "${name}/${id}" => { collector = name, configuration = id }
    }
  ]...)
}

resource "aws_rolesanywhere_trust_anchor" "collectors" {
  count = local.roles_anywhere ? 1 : 0

  name    = "perfleet-${var.environment}-collectors"
  enabled = true

  source {
    source_type = "CERTIFICATE_BUNDLE"

    source_data {
      x509_certificate_data = var.collector_ca_certificate
    }
  }
}

resource "aws_rolesanywhere_profile" "collectors" {
  count = local.roles_anywhere ? 1 : 0

  name             = "perfleet-${var.environment}-collectors"
  enabled          = true
  role_arns        = [for role in aws_iam_role.collector : role.arn]
  duration_seconds = 3600
}

resource "aws_iam_role" "collector" {
  for_each = local.collectors

  name                 = "perfleet-${var.environment}-collector-${each.key}"
  description          = "The collector ${each.key}."
  assume_role_policy   = data.aws_iam_policy_document.collector_trust[each.key].json
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy_attachment" "collector" {
  for_each = local.collector_policies

  role       = aws_iam_role.collector[each.value.collector].name
  policy_arn = aws_iam_policy.collector[each.value.configuration].arn
}

data "aws_iam_policy_document" "collector_trust" {
  for_each = local.collectors

  statement {
    actions = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]

    principals {
      type        = "Service"
      identifiers = ["rolesanywhere.amazonaws.com"]
    }

    # The certificate is signed by our authority, ...
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_rolesanywhere_trust_anchor.collectors[0].arn]
    }

    # ... and is this collector's.
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/x509Subject/CN"
      values   = [each.key]
    }
  }
}
