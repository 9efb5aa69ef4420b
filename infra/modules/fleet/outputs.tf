output "job_queue_urls" {
  description = "Where the collectors of each configuration take their jobs."
  value       = { for id, queue in aws_sqs_queue.jobs : id => queue.url }
}

output "function_queue_urls" {
  description = "Where each function takes its work."
  value       = { for name, queue in aws_sqs_queue.functions : name => queue.url }
}

output "results_bucket" {
  description = "Where collectors put what they measured."
  value       = aws_s3_bucket.results.bucket
}
