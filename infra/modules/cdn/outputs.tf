output "id" {
  description = "Names the distribution."
  value       = aws_cloudfront_distribution.this.id
}

output "arn" {
  description = "The ARN of the distribution."
  value       = aws_cloudfront_distribution.this.arn
}

output "domain_name" {
  description = "The distribution's own name in the DNS."
  value       = aws_cloudfront_distribution.this.domain_name
}
