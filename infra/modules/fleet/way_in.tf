# The way in: the CDN where there is one, else the api function's own address.
#
# A function has one address for each name that it goes by. By its own name it answers reads; those
# come through the CDN, which signs what it asks, so that nobody else may. By the name `write` it
# answers what is no read: a CDN that signs replaces the header `Authorization` and wants the hash of
# every body, which GitHub does not send. Tokens and the webhook's signature guard that one.

variable "cdn_enabled" {
  description = "Whether a CDN stands in front. Without one, the api function's own address is open to everybody and also hands out the page: for emulators and trials."
  type        = bool
  default     = true
}

variable "domain_names" {
  description = "Names under which the CDN answers beside its own. They need a certificate, and a record in the DNS."
  type        = list(string)
  default     = []
}

variable "certificate_arn" {
  description = "The ARN of the certificate of these names, in us-east-1, where the CDN looks for it."
  type        = string
  default     = null

  validation {
    condition     = (var.certificate_arn == null) == (length(var.domain_names) == 0)
    error_message = "Domain names and a certificate go together: give both or none."
  }
}

variable "page_directory" {
  description = "The folder of the built page, as `cargo xtask page` leaves it: the scripts within its index.html are allowed by their hash."
  type        = string
}

resource "aws_lambda_function_url" "api" {
  function_name      = module.functions["api"].function_name
  authorization_type = var.cdn_enabled ? "AWS_IAM" : "NONE"
}

resource "aws_lambda_alias" "write" {
  count = var.cdn_enabled ? 1 : 0

  name             = "write"
  description      = "The api function as writes and webhooks reach it."
  function_name    = module.functions["api"].function_name
  function_version = "$LATEST"
}

resource "aws_lambda_function_url" "write" {
  count = var.cdn_enabled ? 1 : 0

  function_name      = aws_lambda_alias.write[0].function_name
  qualifier          = aws_lambda_alias.write[0].name
  authorization_type = "NONE"
}

# Beside the right to call an open address, which the provider gives, AWS wants the right to invoke
# what is behind it. To narrow this to invocations by the address (`invoked_via_function_url`) needs
# version 6.28 of the provider; as it stands, whoever has an account at AWS may also invoke the
# function without its address, and meets the same guards as everybody.
resource "aws_lambda_permission" "open_address" {
  statement_id  = "open-address"
  action        = "lambda:InvokeFunction"
  function_name = module.functions["api"].function_name
  qualifier     = one(aws_lambda_alias.write[*].name)
  principal     = "*"
}

resource "aws_lambda_permission" "cdn" {
  for_each = toset(var.cdn_enabled ? ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"] : [])

  statement_id  = "cdn-${trimprefix(each.key, "lambda:")}"
  action        = each.key
  function_name = module.functions["api"].function_name
  principal     = "cloudfront.amazonaws.com"
  source_arn    = module.cdn[0].arn
}

module "cdn" {
  source = "../cdn"
  count  = var.cdn_enabled ? 1 : 0

  environment     = var.environment
  page_directory  = var.page_directory
  page_domain     = aws_s3_bucket.page.bucket_regional_domain_name
  data_domain     = aws_s3_bucket.data.bucket_regional_domain_name
  read_url        = aws_lambda_function_url.api.function_url
  write_url       = aws_lambda_function_url.write[0].function_url
  domain_names    = var.domain_names
  certificate_arn = var.certificate_arn
}

data "aws_iam_policy_document" "cdn_reads_page" {
  count = var.cdn_enabled ? 1 : 0

  statement {
    sid       = "CdnReadsPage"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.page.arn}/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [module.cdn[0].arn]
    }
  }

  # What is not there is to be 404 and not 403. No path of the CDN leads to a listing.
  statement {
    sid       = "CdnTellsAbsentFromForbidden"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.page.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [module.cdn[0].arn]
    }
  }
}

data "aws_iam_policy_document" "cdn_reads_series" {
  count = var.cdn_enabled ? 1 : 0

  statement {
    sid       = "CdnReadsSeries"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.data.arn}/self-profile/*", "${aws_s3_bucket.data.arn}/series/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [module.cdn[0].arn]
    }
  }

  statement {
    sid       = "CdnTellsAbsentFromForbidden"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.data.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [module.cdn[0].arn]
    }
  }
}
