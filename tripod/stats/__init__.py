"""Numbers from numbers: a trial's figures, distributions, spread; neither files nor judgements."""
