"""What LocalStack needs where there is no container engine and no Java."""
