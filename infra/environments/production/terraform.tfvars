# Adding a configuration is adding its line here; removing one has an order (docs/deployment.md, "Remove
# a configuration").
configurations = {
  x86_64-zen4-llvm-t1 = { tier = "gating" }
  x86_64-zen4-llvm-t4 = { tier = "advisory" }
}

# Each collector and the configurations that it measures under.
collectors = {}
