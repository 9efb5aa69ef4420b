variable "environment" {
  description = "The name of the fleet."
  type        = string
}

variable "page_directory" {
  description = "The folder of the built page."
  type        = string
}

variable "page_domain" {
  description = "Where the page's bucket answers."
  type        = string
}

variable "data_domain" {
  description = "Where the data bucket answers."
  type        = string
}

variable "read_url" {
  description = "The address of the api function that answers to signed questions alone."
  type        = string
}

variable "write_url" {
  description = "The address of the api function that answers to everybody."
  type        = string
}

variable "domain_names" {
  description = "Further names of the CDN."
  type        = list(string)
}

variable "certificate_arn" {
  description = "The certificate of these names, or null."
  type        = string
}
