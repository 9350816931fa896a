"""What the applications share: settings, the page, the way to the database, and who is answering."""
