# One address for everything: the page, the API, and the data that charts are drawn from, which come
# straight from their bucket, under the paths of `perfleet serve`.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

locals {
  page  = "page"
  data  = "data"
  read  = "read"
  write = "write"

  function_addresses = { (local.read) = var.read_url, (local.write) = var.write_url }
}

resource "aws_cloudfront_distribution" "this" {
  comment         = "perfleet-${var.environment}"
  enabled         = true
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = "PriceClass_100"
  aliases         = var.domain_names

  dynamic "origin" {
    for_each = { (local.page) = var.page_domain, (local.data) = var.data_domain }

    content {
      origin_id                = origin.key
      domain_name              = origin.value
      origin_access_control_id = aws_cloudfront_origin_access_control.buckets.id
    }
  }

  dynamic "origin" {
    for_each = local.function_addresses

    content {
      origin_id   = origin.key
      domain_name = trimsuffix(trimprefix(origin.value, "https://"), "/")
      # The writes' origin is not signed: see `way_in.tf` of the fleet.
      origin_access_control_id = origin.key == local.read ? aws_cloudfront_origin_access_control.function.id : null

      custom_origin_config {
        http_port              = 80
        https_port             = 443
        origin_protocol_policy = "https-only"
        origin_ssl_protocols   = ["TLSv1.2"]
        # Longer than the api function may take.
        origin_read_timeout = 30
      }
    }
  }

  default_cache_behavior {
    target_origin_id           = local.page
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    viewer_protocol_policy     = "redirect-to-https"
    compress                   = true
    cache_policy_id            = aws_cloudfront_cache_policy.as_the_origin_says.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.by_content["page"].id

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.page_addresses.arn
    }
  }

  ordered_cache_behavior {
    path_pattern               = "/api/*"
    target_origin_id           = local.read
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    viewer_protocol_policy     = "https-only"
    compress                   = true
    cache_policy_id            = aws_cloudfront_cache_policy.api.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.by_content["api"].id
  }

  ordered_cache_behavior {
    path_pattern               = "/write/*"
    target_origin_id           = local.write
    allowed_methods            = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    cached_methods             = ["GET", "HEAD"]
    viewer_protocol_policy     = "https-only"
    compress                   = true
    cache_policy_id            = data.aws_cloudfront_cache_policy.none.id
    origin_request_policy_id   = data.aws_cloudfront_origin_request_policy.all_but_host.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.by_content["api"].id

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.write_path.arn
    }
  }

  ordered_cache_behavior {
    path_pattern               = "/series/v1/*/manifest.json"
    target_origin_id           = local.data
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    viewer_protocol_policy     = "https-only"
    compress                   = true
    cache_policy_id            = aws_cloudfront_cache_policy.manifest.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.by_content["manifest"].id
  }

  ordered_cache_behavior {
    path_pattern               = "/series/*"
    target_origin_id           = local.data
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    viewer_protocol_policy     = "https-only"
    compress                   = false
    cache_policy_id            = aws_cloudfront_cache_policy.immutable.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.by_content["immutable"].id
  }

  # Raw self-profiles, as they are stored: compressed already, and the same for ever.
  ordered_cache_behavior {
    path_pattern               = "/self-profile/*"
    target_origin_id           = local.data
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    viewer_protocol_policy     = "https-only"
    compress                   = false
    cache_policy_id            = aws_cloudfront_cache_policy.immutable.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.by_content["immutable"].id
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    # The CDN's own certificate lets no newer minimum be set than its own.
    cloudfront_default_certificate = var.certificate_arn == null
    acm_certificate_arn            = var.certificate_arn
    ssl_support_method             = var.certificate_arn == null ? null : "sni-only"
    minimum_protocol_version       = var.certificate_arn == null ? null : "TLSv1.2_2021"
  }
}

resource "aws_cloudfront_origin_access_control" "buckets" {
  name                              = "perfleet-${var.environment}-buckets"
  description                       = "Lets the CDN alone read what it hands out of the buckets."
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_origin_access_control" "function" {
  name                              = "perfleet-${var.environment}-api"
  description                       = "Lets the CDN alone ask the api function for reads."
  origin_access_control_origin_type = "lambda"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_function" "page_addresses" {
  name    = "perfleet-${var.environment}-page-addresses"
  comment = "Answers every address of the page with the page."
  runtime = "cloudfront-js-2.0"
  publish = true
  code    = file("${path.module}/page_addresses.js")
}

resource "aws_cloudfront_function" "write_path" {
  name    = "perfleet-${var.environment}-write-path"
  comment = "Takes the prefix of the writes' path away."
  runtime = "cloudfront-js-2.0"
  publish = true
  code    = file("${path.module}/write_path.js")
}
