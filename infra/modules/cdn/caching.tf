# How long the CDN keeps what.

# The files of the page say it themselves: those that are named by their content for ever, the others
# not at all.
resource "aws_cloudfront_cache_policy" "as_the_origin_says" {
  name        = "perfleet-${var.environment}-as-the-origin-says"
  comment     = "As long as the origin says; nothing where it says nothing."
  min_ttl     = 0
  default_ttl = 0
  max_ttl     = 365 * 24 * 60 * 60

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = true
    enable_accept_encoding_gzip   = true

    cookies_config {
      cookie_behavior = "none"
    }
    headers_config {
      header_behavior = "none"
    }
    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

# Answers say two seconds to the crowd, and carry a tag by which the CDN asks whether they still hold.
resource "aws_cloudfront_cache_policy" "api" {
  name        = "perfleet-${var.environment}-api"
  comment     = "As long as the answer says, a minute at most; by the whole question."
  min_ttl     = 0
  default_ttl = 0
  max_ttl     = 60

  parameters_in_cache_key_and_forwarded_to_origin {
    # The function compresses by gzip alone.
    enable_accept_encoding_brotli = false
    enable_accept_encoding_gzip   = true

    cookies_config {
      cookie_behavior = "none"
    }
    headers_config {
      header_behavior = "none"
    }
    query_strings_config {
      query_string_behavior = "all"
    }
  }
}

resource "aws_cloudfront_cache_policy" "manifest" {
  name        = "perfleet-${var.environment}-manifest"
  comment     = "Replaced whenever a result lands: as short as `perfleet serve` says, whatever the object says."
  min_ttl     = 0
  default_ttl = 2
  max_ttl     = 2

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = true
    enable_accept_encoding_gzip   = true

    cookies_config {
      cookie_behavior = "none"
    }
    headers_config {
      header_behavior = "none"
    }
    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

# Named by their content. They are stored compressed, and every browser takes them so.
resource "aws_cloudfront_cache_policy" "immutable" {
  name        = "perfleet-${var.environment}-immutable"
  comment     = "For ever."
  min_ttl     = 0
  default_ttl = 365 * 24 * 60 * 60
  max_ttl     = 365 * 24 * 60 * 60

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = false
    enable_accept_encoding_gzip   = false

    cookies_config {
      cookie_behavior = "none"
    }
    headers_config {
      header_behavior = "none"
    }
    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

data "aws_cloudfront_cache_policy" "none" {
  name = "Managed-CachingDisabled"
}

data "aws_cloudfront_origin_request_policy" "all_but_host" {
  name = "Managed-AllViewerExceptHostHeader"
}
