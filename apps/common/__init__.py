"""What the applications share: settings, texts, the ways to the databases, and who is answering."""
