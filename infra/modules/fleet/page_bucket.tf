# The built page. It can be built again at any time, so nothing protects it from being destroyed.

resource "aws_s3_bucket" "page" {
  bucket_prefix = "perfleet-${var.environment}-page-"
  force_destroy = true
}

module "page_bucket_guard" {
  source = "../private_bucket"

  bucket        = aws_s3_bucket.page.id
  bucket_arn    = aws_s3_bucket.page.arn
  access_policy = one(data.aws_iam_policy_document.cdn_reads_page[*].json)
}
