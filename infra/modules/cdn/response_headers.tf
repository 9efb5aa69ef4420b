# The headers that tell a browser what a page of ours may do: those of `perfleet serve`, and that it is
# to come back by TLS alone.

locals {
  index_html = "${var.page_directory}/index.html"

  # What is written between the tags of a script; those that are loaded from elsewhere have nothing.
  inline_scripts = fileexists(local.index_html) ? compact(flatten(
    regexall("(?s)<script[^>]*>(.*?)</script", file(local.index_html))
  )) : []
  script_hashes = join("", [for script in local.inline_scripts : " 'sha256-${base64sha256(script)}'"])

  content_security_policy = join("; ", [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'${local.script_hashes}",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ])

  # What differs between what is handed out; the rest is the same for all.
  response_headers = {
    page      = { cache = null, policy = local.content_security_policy }
    api       = { cache = null, policy = null }
    manifest  = { cache = "public, max-age=0, s-maxage=2, must-revalidate", policy = null }
    immutable = { cache = "public, max-age=31536000, immutable", policy = null }
  }
}

resource "aws_cloudfront_response_headers_policy" "by_content" {
  for_each = local.response_headers

  name    = "perfleet-${var.environment}-${each.key}"
  comment = "The headers of ${each.key}."

  security_headers_config {
    dynamic "content_security_policy" {
      for_each = each.value.policy == null ? [] : [each.value.policy]

      content {
        content_security_policy = content_security_policy.value
        override                = true
      }
    }

    content_type_options {
      override = true
    }

    frame_options {
      frame_option = "DENY"
      override     = true
    }

    referrer_policy {
      referrer_policy = "same-origin"
      override        = true
    }

    strict_transport_security {
      access_control_max_age_sec = 365 * 24 * 60 * 60
      override                   = true
    }
  }

  # Whatever the stored object says of itself, browsers are told what `perfleet serve` tells them.
  dynamic "custom_headers_config" {
    for_each = each.value.cache == null ? [] : [each.value.cache]

    content {
      items {
        header   = "Cache-Control"
        value    = custom_headers_config.value
        override = true
      }
    }
  }
}
