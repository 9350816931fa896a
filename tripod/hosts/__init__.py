"""What a host must be, what runs on it, how far hosts stand apart; it judges, and reaches none itself."""
