"""The numbers of the product: pure functions on frames and arrays, which see no file, clock, language or browser."""
