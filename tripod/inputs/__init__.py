"""What a user may say, checked: parameters, inventory variables, matrices; not what is made of it."""
