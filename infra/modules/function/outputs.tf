output "function_name" {
  description = "The name of the function."
  value       = aws_lambda_function.this.function_name
}

output "arn" {
  description = "The ARN of the function."
  value       = aws_lambda_function.this.arn
}

output "log_group" {
  description = "Where its log is."
  value       = aws_cloudwatch_log_group.this.name
}
