"""What a user may say, checked: command lines, parameters, inventories, matrices; not what is made of it."""
