# What an environment is. Prints the Python to make it of, the Python in it, and what was noted when it was whole.
# Arguments: that Python, the environment's directory.
tell='import sys; print(sys.version.split()[0], sys.base_prefix)'
"$1" -c "$tell"
"$2/bin/python" -c "$tell" 2>/dev/null || echo none
cat "$2/tripod.lock" 2>/dev/null || true
