"""The zoo: every model type of transformers that builds on the meta device from its default config, read, printed back and judged."""
