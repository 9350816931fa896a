"""The Django site: the smallest that answers, without middleware and with no installed app but this one."""
